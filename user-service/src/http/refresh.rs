//! `POST /refresh`

use super::{
    error::Error,
    token_pair::{TokenResponse, token_pair},
};
use crate::{
    db::sessions::{self, Owner},
    domain::refresh_token::RefreshToken,
    state::AppState,
};
use axum::extract::State;
use chrono::TimeDelta;
use contract::users::{RefreshRequest, TokenPair};
use rest::{extract::Json, problem::Problem};

/// Exchanges a refresh token for a new pair of tokens.
///
/// Each refresh token works once. A second use ends the session, because the token may be stolen.
#[utoipa::path(
    post,
    path = "/refresh",
    tag = "sessions",
    request_body = RefreshRequest,
    responses(
        (status = OK, description = "New tokens. The old refresh token is now invalid", body = TokenPair),
        (status = UNAUTHORIZED, description = "The session has ended", body = Problem),
    )
)]
pub(super) async fn refresh(
    State(state): State<AppState>,
    Json(request): Json<RefreshRequest>,
) -> Result<TokenResponse<TokenPair>, Error> {
    let (owner, next) = renew_session(&state, &request.refresh_token, None).await?;
    token_pair(&state, &owner, &next)
}

/// Exchanges a refresh token for the next one. If the token was used before, and its first use was longer
/// ago than `leeway`, its session ends.
pub(super) async fn renew_session(
    state: &AppState,
    token: &str,
    leeway: Option<TimeDelta>,
) -> Result<(Owner, RefreshToken), Error> {
    let token: RefreshToken = token.parse().map_err(|_| Error::RefreshToken)?;
    let next = token.next();
    if let Some(owner) = sessions::rotate(&state.pool, &token, &next, state.session_lifetime, leeway).await? {
        return Ok((owner, next));
    }
    if sessions::end(&state.pool, token.session()).await? {
        tracing::warn!(session = %token.session().0, "session ended: an old or expired refresh token was used");
        metrics::counter!("sessions_revoked_total").increment(1);
    }
    Err(Error::RefreshToken)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use crate::domain::refresh_token::RefreshToken;
    use chrono::TimeDelta;
    use contract::users::TokenPair;
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "./migrations")]
    async fn each_token_works_once_and_leads_to_the_next(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let mut pair = service.login("ada").await;
        for _ in 0..3 {
            let answer = service.refresh(&pair.refresh_token).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.headers["cache-control"], "no-store");
            let next: TokenPair = serde_json::from_value(answer.body).unwrap();
            assert_ne!(next.refresh_token, pair.refresh_token);
            assert_eq!(service.get("/me", Some(&next.access_token)).await.status, 200);
            pair = next;
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn an_old_token_ends_its_session_and_no_other(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let (stolen, other) = (service.login("ada").await, service.login("ada").await);
        let next: TokenPair =
            serde_json::from_value(service.refresh(&stolen.refresh_token).await.body).unwrap();

        let reuse = service.refresh(&stolen.refresh_token).await;
        assert_eq!(reuse.status, 401);
        assert!(reuse.headers.contains_key("www-authenticate"));
        assert_eq!(service.refresh(&next.refresh_token).await.status, 401);
        assert_eq!(service.refresh(&other.refresh_token).await.status, 200);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn two_concurrent_uses_of_a_token_end_the_session(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        for _ in 0..10 {
            let token = service.login("ada").await.refresh_token;
            let (one, two) = tokio::join!(service.refresh(&token), service.refresh(&token));
            let mut statuses = [one.status.as_u16(), two.status.as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 401]);
            let winner = if one.status == 200 { one } else { two };
            let next = winner.body["refresh_token"].as_str().unwrap();
            assert_eq!(service.refresh(next).await.status, 401);
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn an_expired_or_forged_token_is_refused(pool: PgPool) {
        let mut service = Service::new(pool);
        service.register("ada").await;
        let good = service.login("ada").await;
        service.state.session_lifetime = TimeDelta::seconds(-1);
        let expired = service.login("ada").await;
        for token in [&expired.refresh_token, &RefreshToken::new().to_string(), &good.access_token, "", "x"] {
            assert_eq!(service.refresh(token).await.status, 401, "{token}");
        }
        assert_eq!(service.post("/refresh", &json!({})).await.bad_fields(), ["/refresh_token"]);
    }
}

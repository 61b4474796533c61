//! `POST /logout`

use super::{AppState, Error};
use crate::{db::sessions, domain::refresh_token::RefreshToken};
use axum::{extract::State, http::StatusCode};
use contract::users::RefreshRequest;
use rest::extract::Json;

/// Ends a session: its refresh tokens work no longer. Access tokens end by themselves.
///
/// A token that is not good, or no longer, has the same answer: either way there is no session left
/// (RFC 7009, 2.2).
#[utoipa::path(
    post,
    path = "/logout",
    tag = "sessions",
    request_body = RefreshRequest,
    responses(
        (status = NO_CONTENT, description = "Logged out"),
    )
)]
pub(super) async fn logout(
    State(state): State<AppState>,
    Json(request): Json<RefreshRequest>,
) -> Result<StatusCode, Error> {
    end_session(&state, &request.refresh_token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the session of a refresh token, if it is one.
pub(super) async fn end_session(state: &AppState, token: &str) -> Result<(), Error> {
    if let Ok(token) = token.parse::<RefreshToken>() {
        sessions::end(&state.pool, token.session()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "./migrations")]
    async fn ends_the_session_and_may_be_said_twice(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let pair = service.login("ada").await;
        for token in [pair.refresh_token.as_str(), pair.refresh_token.as_str(), "nonsense"] {
            assert_eq!(service.post("/logout", &json!({ "refresh_token": token })).await.status, 204);
        }
        assert_eq!(service.refresh(&pair.refresh_token).await.status, 401);
    }
}

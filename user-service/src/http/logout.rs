//! `POST /logout`

use super::error::Error;
use crate::{db::sessions, domain::refresh_token::RefreshToken, state::AppState};
use axum::{extract::State, http::StatusCode};
use contract::users::RefreshRequest;
use rest::extract::Json;

/// Ends a session and invalidates its refresh tokens. Access tokens remain valid until they expire.
///
/// An invalid or expired token gets the same answer, because it has no session either (RFC 7009, 2.2).
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

/// Ends the session of a refresh token. Ignores a text that is not a token.
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
    async fn ends_the_session_and_can_be_repeated(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let pair = service.login("ada").await;
        for token in [pair.refresh_token.as_str(), pair.refresh_token.as_str(), "nonsense"] {
            assert_eq!(service.post("/logout", &json!({ "refresh_token": token })).await.status, 204);
        }
        assert_eq!(service.refresh(&pair.refresh_token).await.status, 401);
    }
}

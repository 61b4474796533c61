//! `POST /refresh`

use super::{
    AppState, Error,
    token_pair::{TokenResponse, token_pair},
};
use crate::{db::sessions, domain::refresh_token::RefreshToken};
use axum::extract::State;
use common::{
    contract::users::{RefreshRequest, TokenPair},
    http::{extract::Json, problem::Problem},
};

/// Takes a refresh token for the next pair.
///
/// Each refresh token works once. The use of an old one ends its session: it was lost to somebody.
#[utoipa::path(
    post,
    path = "/refresh",
    tag = "sessions",
    request_body = RefreshRequest,
    responses(
        (status = OK, description = "New tokens; the refresh token sent works no longer", body = TokenPair),
        (status = BAD_REQUEST, description = "Not JSON", body = Problem, content_type = "application/problem+json"),
        (status = UNAUTHORIZED, description = "The session has ended", body = Problem, content_type = "application/problem+json"),
        (status = UNPROCESSABLE_ENTITY, description = "Fields are missing or unknown", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn refresh(
    State(state): State<AppState>,
    Json(request): Json<RefreshRequest>,
) -> Result<TokenResponse<TokenPair>, Error> {
    let token: RefreshToken = request.refresh_token.parse().map_err(|_| Error::RefreshToken)?;
    let next = token.next();
    match sessions::rotate(&state.pool, &token, &next, state.session_lifetime).await? {
        Some(owner) => token_pair(&state, &owner, &next),
        None => {
            if sessions::end(&state.pool, token.session()).await? {
                tracing::warn!(session = %token.session().0, "session ended: an old or expired refresh token was used");
                metrics::counter!("sessions_revoked_total").increment(1);
            }
            Err(Error::RefreshToken)
        }
    }
}

//! The answer to a login and to a refresh.

use super::error::Error;
use crate::{db::sessions::Owner, domain::refresh_token::RefreshToken, state::AppState};
use axum::{
    Json,
    http::{HeaderName, header},
};
use contract::users::TokenPair;

/// Caches must not store tokens (RFC 6749, 5.1).
pub(super) const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// A response with tokens.
pub(super) type TokenResponse<T> = ([(HeaderName, &'static str); 1], Json<T>);

/// Answers with a new access token and this refresh token.
pub(super) fn token_pair(
    state: &AppState,
    owner: &Owner,
    refresh_token: &RefreshToken,
) -> Result<TokenResponse<TokenPair>, Error> {
    let access = state.signer.for_person(owner.id, owner.role)?;
    let pair = TokenPair {
        access_token: access.token,
        token_type: "Bearer".to_owned(),
        expires_in: access.expires_in,
        refresh_token: refresh_token.to_string(),
    };
    Ok((NO_STORE, Json(pair)))
}

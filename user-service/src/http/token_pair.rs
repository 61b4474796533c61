//! The answer of a login and of a refresh.

use super::{AppState, Error};
use crate::{db::sessions::Owner, domain::refresh_token::RefreshToken};
use axum::{
    Json,
    http::{HeaderName, header},
};
use contract::users::TokenPair;

/// Tokens are not for caches (RFC 6749, 5.1).
pub(super) const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// A response with tokens.
pub(super) type TokenResponse<T> = ([(HeaderName, &'static str); 1], Json<T>);

/// A new access token beside this refresh token.
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

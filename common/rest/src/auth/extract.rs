//! [`Caller`] as an extractor. Requests without a valid token get 401.

use super::{caller::Caller, verifier::Verifier};
use crate::problem::Problem;
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{header, request::Parts},
};

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Verifier: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(bearer)
            .ok_or_else(|| Problem::unauthenticated("Send `Authorization: Bearer <access token>`."))?;
        Ok(Verifier::from_ref(state).verify(token).await?)
    }
}

/// The scheme's name is case-insensitive (RFC 9110, 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

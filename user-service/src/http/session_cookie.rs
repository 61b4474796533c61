//! The cookie with a browser's refresh token, and the answers that set or delete it.
//!
//! The cookie is `HttpOnly`, so scripts cannot read it. It is `Secure`, so browsers never send it
//! unencrypted. Because of `SameSite=Strict` and its path, browsers send it only to `/session` and only from
//! pages of this site. Chromium and Firefox treat `http://localhost` and `http://127.0.0.1` as secure. So the
//! same cookie works on a developer's machine and in production.

use super::{error::Error, token_pair::NO_STORE};
use crate::{db::sessions::Owner, domain::refresh_token::RefreshToken, state::AppState};
use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use serde::Serialize;
use std::fmt::Display;
use utoipa::ToSchema;

/// Answer of `POST /session` and `POST /session/refresh`. The refresh token is in the cookie.
#[derive(Serialize, ToSchema)]
pub(super) struct BrowserSession {
    /// A JWT, sent as `Authorization: Bearer …`. Keep it in memory only.
    #[schema(example = "eyJhbGciOiJFZERTQSIsImtpZCI6IuKApiJ9.eyJzdWIiOiLigKYifQ.MDEyMzQ1Njc4OQ")]
    access_token: String,
    /// Always `Bearer` (RFC 6750).
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    expires_in: u64,
}

/// Answers with a new access token in the body and this refresh token in the cookie.
pub(super) fn session(state: &AppState, owner: &Owner, token: &RefreshToken) -> Result<Response, Error> {
    let access = state.signer.for_person(owner.id, owner.role)?;
    let body =
        BrowserSession { access_token: access.token, token_type: "Bearer", expires_in: access.expires_in };
    let mut response = (NO_STORE, Json(body)).into_response();
    set(&mut response, state, token, state.session_lifetime);
    Ok(response)
}

/// Adds to an answer the header that deletes the cookie.
pub(super) fn without_session(state: &AppState, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    set(&mut response, state, "", TimeDelta::zero());
    response
}

fn set(response: &mut Response, state: &AppState, value: impl Display, lifetime: TimeDelta) {
    let (name, path) = (&state.session_cookie_name, &state.session_cookie_path);
    let seconds = lifetime.num_seconds();
    let cookie = format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; Secure; SameSite=Strict");
    // This never fails. The token is base64, and the configuration has checked the name and the path.
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Returns the refresh token from the cookie with this name.
pub(super) fn token_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|header| header.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(name)?.strip_prefix('='))
        .filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_its_cookie_among_others() {
        let token_of = |headers: &HeaderMap| token_of(headers, "__Secure-session").map(str::to_owned);
        let mut headers = HeaderMap::new();
        assert_eq!(token_of(&headers), None);
        headers.append("cookie", "a=1; __Secure-session-2=x; session=y".parse().unwrap());
        assert_eq!(token_of(&headers), None);
        headers.append("cookie", "b=2; __Secure-session=abc".parse().unwrap());
        assert_eq!(token_of(&headers), Some("abc".to_owned()));
        headers.insert("cookie", "__Secure-session=".parse().unwrap());
        assert_eq!(token_of(&headers), None);
    }
}

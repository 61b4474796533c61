//! Refuses requests that a page of another origin made a browser send.
//!
//! `SameSite=Strict` keeps the cookie away from requests of other sites. But another site could still log a
//! user in to the attacker's account. A sibling subdomain counts as the same site and could do anything.
//! Browsers name the origin of a request in headers that pages cannot change.

use super::error::Error;
use crate::state::AppState;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts, uri::Authority},
};

/// The request comes from one of the shop's own pages or from a program that is not a browser.
pub(super) struct SameOrigin;

impl FromRequestParts<AppState> for SameOrigin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Error> {
        if is_same_origin(&parts.headers) { Ok(Self) } else { Err(Error::CrossSite) }
    }
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value: &header::HeaderValue| value.to_str().unwrap_or_default());
    match (text("sec-fetch-site"), text("origin")) {
        // Browsers send `Sec-Fetch-Site` only over HTTPS and to the local machine.
        (Some(site), _) => site == "same-origin",
        // The scheme is not compared, because the gateway ends TLS and forwards only the host.
        (None, Some(origin)) => authority(origin).is_some_and(|from| text("host") == Some(from.as_str())),
        // Every browser sends `Origin` with POST and DELETE, so the client is a program.
        (None, None) => true,
    }
}

fn authority(origin: &str) -> Option<Authority> {
    let (_, authority) = origin.split_once("://")?;
    authority.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(headers: &[(&'static str, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()));
        is_same_origin(&headers.collect())
    }

    #[test]
    fn the_fetch_metadata_decides() {
        for (site, expected) in
            [("same-origin", true), ("same-site", false), ("cross-site", false), ("none", false), ("", false)]
        {
            assert_eq!(allowed(&[("sec-fetch-site", site), ("host", "shop.example")]), expected, "{site}");
        }
    }

    #[test]
    fn the_origin_of_an_old_browser_must_match_the_host() {
        for (origin, expected) in [
            ("https://shop.example", true),
            ("http://shop.example", true),
            ("https://shop.example:8443", false),
            ("https://evil.example", false),
            ("https://shop.example.evil.example", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(allowed(&[("origin", origin), ("host", "shop.example")]), expected, "{origin}");
        }
        assert!(!allowed(&[("origin", "https://shop.example")]));
    }

    #[test]
    fn a_program_without_origin_is_allowed() {
        assert!(allowed(&[("host", "shop.example")]));
    }
}

//! Requests that browsers send by themselves, refused where the page that caused them is another
//! site's.
//!
//! `SameSite=Strict` keeps the cookie away from such requests. It does not keep another site from
//! logging somebody in as somebody else, nor a sibling subdomain, which is the same site, from
//! anything. Browsers say where a request comes from and pages cannot change what they say.

use super::{AppState, Error};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts, uri::Authority},
};

/// The request is from one of the shop's own pages, or not from a browser.
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
        // Only sent to addresses that a browser trusts, which HTTPS and this machine's own are.
        (Some(site), _) => site == "same-origin",
        // The scheme is not compared: the gateway that ended TLS kept the host and not the scheme.
        (None, Some(origin)) => authority(origin).is_some_and(|from| text("host") == Some(from.as_str())),
        // Every browser sends `Origin` with a POST and a DELETE: this is a program.
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
    fn a_browsers_word_counts() {
        for (site, expected) in
            [("same-origin", true), ("same-site", false), ("cross-site", false), ("none", false), ("", false)]
        {
            assert_eq!(allowed(&[("sec-fetch-site", site), ("host", "shop.example")]), expected, "{site}");
        }
    }

    #[test]
    fn an_old_browsers_origin_is_compared_with_the_host() {
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
    fn a_program_says_nothing() {
        assert!(allowed(&[("host", "shop.example")]));
    }
}

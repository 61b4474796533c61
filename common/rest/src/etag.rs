//! The `ETag` of a version, and `If-Match` (RFC 9110, 8.8.3 and 13.1.1). Used by services whose resources
//! staff edit.
//!
//! The version identifies the details that staff edit. Other changes, such as a sale, do not raise it. So
//! staff can still save a form that they opened before the sale.

use crate::problem::Problem;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};

/// Returns the `ETag` of this version.
#[must_use]
pub fn of(version: i64) -> HeaderValue {
    // A quoted number is always a valid header value.
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The versions that the request accepts. `None` accepts any version.
#[derive(Debug, PartialEq, Eq)]
pub struct IfMatch(pub Option<Vec<i64>>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read(&parts.headers).ok_or_else(|| {
            Problem::bad_request("`If-Match` must be `*`, or one or more quoted ETags of earlier answers.")
        })
    }
}

fn read(headers: &HeaderMap) -> Option<IfMatch> {
    let values: Option<Vec<_>> =
        headers.get_all(header::IF_MATCH).iter().map(|value| value.to_str().ok()).collect();
    match values?.join(",").trim() {
        "*" => Some(IfMatch(None)),
        "" if !headers.contains_key(header::IF_MATCH) => Some(IfMatch(None)),
        list => versions(list).map(|versions| IfMatch(Some(versions))),
    }
}

/// Parses a list of tags and returns their versions. Ignores weak tags and tags that this service did not
/// write. Returns `None` if the list is malformed.
fn versions(list: &str) -> Option<Vec<i64>> {
    let mut versions = Vec::new();
    let mut rest = list;
    loop {
        let (is_weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let (tag, after) = quoted.strip_prefix('"')?.split_once('"')?;
        if !is_weak && let Ok(version) = tag.parse() {
            versions.push(version);
        }
        match after.trim_start() {
            "" => return Some(versions),
            more => rest = more.strip_prefix(',')?.trim_start(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(values: &[&str]) -> Option<IfMatch> {
        read(&values.iter().map(|value| (header::IF_MATCH, value.parse().unwrap())).collect())
    }

    #[test]
    fn no_header_and_a_star_accept_any_version() {
        assert_eq!(read_all(&[]), Some(IfMatch(None)));
        assert_eq!(read_all(&[" * "]), Some(IfMatch(None)));
    }

    #[test]
    fn weak_and_foreign_tags_are_ignored() {
        assert_eq!(read_all(&["\"3\""]), Some(IfMatch(Some(vec![3]))));
        assert_eq!(read_all(&["\"3\" , \"x,y\",W/\"4\"", "\"5\""]), Some(IfMatch(Some(vec![3, 5]))));
        assert_eq!(read_all(&["W/\"3\""]), Some(IfMatch(Some(vec![]))));
        let written = of(7);
        assert_eq!(read_all(&[written.to_str().unwrap()]), Some(IfMatch(Some(vec![7]))));
    }

    #[test]
    fn malformed_text_is_refused() {
        for bad in ["", "3", "\"3", "\"3\" \"4\"", "\"3\",", "*, \"3\"", "w/\"3\""] {
            assert_eq!(read_all(&[bad]), None, "{bad}");
        }
    }
}

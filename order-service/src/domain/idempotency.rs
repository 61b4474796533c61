//! `Idempotency-Key` on `POST /orders`: a repeated request has the effect of one request.
//!
//! Follows the draft <https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>.

use aws_lc_rs::digest;
use contract::orders::PlaceOrder;

const MAX_LENGTH: usize = 255;

/// A key that a client has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

/// The error for an invalid key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("an Idempotency-Key has 1 to {MAX_LENGTH} visible ASCII characters; a UUID is a good one")]
pub(crate) struct InvalidKey;

impl IdempotencyKey {
    pub(crate) fn parse(header: &[u8]) -> Result<Self, InvalidKey> {
        let text = std::str::from_utf8(header).map_err(|_| InvalidKey)?;
        let valid = (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidKey) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The SHA-256 hash of a request's values. White space in the request does not change it.
pub(crate) fn request_hash(request: &PlaceOrder) -> Result<Vec<u8>, serde_json::Error> {
    let canonical = serde_json::to_vec(request)?;
    Ok(digest::digest(&digest::SHA256, &canonical).as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn keys_are_visible_ascii() {
        assert_eq!(IdempotencyKey::parse(b"a-1").unwrap().as_str(), "a-1");
        for bad in [&b""[..], b"a b", b"\xff", &[b'x'; 256]] {
            assert_eq!(IdempotencyKey::parse(bad), Err(InvalidKey));
        }
    }

    proptest! {
        #[test]
        fn a_valid_key_is_kept_unchanged(
            header in prop_oneof![vec(any::<u8>(), 0..300), vec(b'!'..=b'~', 0..300)]
        ) {
            let is_key = (1..=255).contains(&header.len()) && header.iter().all(|b| (b'!'..=b'~').contains(b));
            match IdempotencyKey::parse(&header) {
                Ok(key) => prop_assert!(is_key && key.as_str().as_bytes() == header),
                Err(InvalidKey) => prop_assert!(!is_key),
            }
        }
    }
}

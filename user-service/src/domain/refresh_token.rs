//! Refresh tokens. They are opaque to clients, and each works once.
//!
//! A token contains the id of its session and a secret. The session stores only the hash of the latest
//! secret. A token with an older secret was used before, either by its owner or by a thief. The service
//! cannot tell them apart, so it ends the session (RFC 9700, 4.14.2).

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{fmt, str::FromStr};
use uuid::Uuid;

const SECRET_BYTES: usize = 32;

/// A refresh token of a client. It has no `Debug`, so that no token gets into a log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    session: SessionId,
    secret: [u8; SECRET_BYTES],
}

/// The id of a session. All refresh tokens of one login belong to one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionId(pub(crate) Uuid);

/// The error for a text that is not a refresh token.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a refresh token")]
pub(crate) struct InvalidRefreshToken;

impl RefreshToken {
    /// The first token of a new session.
    pub(crate) fn new() -> Self {
        Self { session: SessionId(Uuid::now_v7()), secret: rand::random() }
    }

    /// Creates the token that replaces this one.
    pub(crate) fn next(&self) -> Self {
        Self { session: self.session, secret: rand::random() }
    }

    /// The session of the token.
    pub(crate) fn session(&self) -> SessionId {
        self.session
    }

    /// The hash of the secret, for storage. A plain hash is enough, because 256 random bits cannot be
    /// guessed.
    pub(crate) fn hash(&self) -> Vec<u8> {
        digest(&SHA256, &self.secret).as_ref().to_vec()
    }
}

impl fmt::Display for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.session.0.as_bytes().as_slice(), &self.secret].concat();
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for RefreshToken {
    type Err = InvalidRefreshToken;

    fn from_str(text: &str) -> Result<Self, InvalidRefreshToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidRefreshToken)?;
        let (session, secret) = bytes.split_first_chunk::<16>().ok_or(InvalidRefreshToken)?;
        let secret = secret.try_into().map_err(|_| InvalidRefreshToken)?;
        Ok(Self { session: SessionId(Uuid::from_bytes(*session)), secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_parses_to_the_same_token() {
        let token = RefreshToken::new();
        assert!(token.to_string().parse::<RefreshToken>().ok() == Some(token));
    }

    #[test]
    fn the_next_token_has_the_same_session_and_another_hash() {
        let token = RefreshToken::new();
        let next = token.next();
        assert_eq!(next.session(), token.session());
        assert_ne!(next.hash(), token.hash());
        assert_ne!(RefreshToken::new().session(), token.session());
    }

    #[test]
    fn the_stored_hash_differs_from_the_secret() {
        let token = RefreshToken::new();
        assert_eq!(token.hash().len(), 32);
        assert_ne!(token.hash(), token.secret);
    }

    #[test]
    fn refuses_other_texts() {
        let token = RefreshToken::new().to_string();
        for bad in ["", "x", "!", &token[1..], &format!("{token}AA"), &format!("{token}=")] {
            assert!(bad.parse::<RefreshToken>().is_err(), "{bad}");
        }
    }
}

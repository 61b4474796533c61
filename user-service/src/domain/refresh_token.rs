//! Refresh tokens: opaque to clients, each good for one use.
//!
//! A token names its session and carries a secret. The session keeps the hash of the latest secret
//! only. A token whose session is there but whose secret is not the latest is an old one that was
//! used again: either its owner or whoever took it has the next one already, and nobody can tell who
//! is who, so the session ends (RFC 9700, 4.14.2).

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{fmt, str::FromStr};
use uuid::Uuid;

const SECRET_BYTES: usize = 32;

/// A refresh token, as a client holds it. Has no `Debug`, so that none ends in a log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    session: SessionId,
    secret: [u8; SECRET_BYTES],
}

/// One login: the family of tokens that came from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionId(pub(crate) Uuid);

/// What was never a refresh token of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a refresh token")]
pub(crate) struct InvalidRefreshToken;

impl RefreshToken {
    /// The first token of a new session.
    pub(crate) fn new() -> Self {
        Self { session: SessionId(Uuid::now_v7()), secret: rand::random() }
    }

    /// The token that takes this one's place.
    pub(crate) fn next(&self) -> Self {
        Self { session: self.session, secret: rand::random() }
    }

    /// The session that it belongs to.
    pub(crate) fn session(&self) -> SessionId {
        self.session
    }

    /// What is stored of it. A plain hash is enough: 256 random bits cannot be guessed.
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
    fn survives_the_way_to_the_client_and_back() {
        let token = RefreshToken::new();
        assert!(token.to_string().parse::<RefreshToken>().ok() == Some(token));
    }

    #[test]
    fn the_next_one_is_of_the_same_session_and_has_another_hash() {
        let token = RefreshToken::new();
        let next = token.next();
        assert_eq!(next.session(), token.session());
        assert_ne!(next.hash(), token.hash());
        assert_ne!(RefreshToken::new().session(), token.session());
    }

    #[test]
    fn what_is_stored_does_not_contain_the_token() {
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

//! The tokens of a session and their renewal.

use crate::{client::Client, error::Error, session_file::SessionFile};
use chrono::{DateTime, TimeDelta, Utc};
use contract::users::TokenPair;
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};
use tokio::sync::Mutex;

/// An access token is renewed this long before it expires, or after half its lifetime if that is later.
const RENEW_BEFORE: TimeDelta = TimeDelta::seconds(30);

/// The tokens from a login or a renewal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The JWT for requests.
    pub access_token: String,
    /// Works once, to get the next pair. Without it the session ends with its access token.
    pub refresh_token: Option<String>,
    /// The time to renew the tokens, by this machine's clock. It is computed from their arrival, so the
    /// service's clock may differ.
    pub renew_at: DateTime<Utc>,
}

impl From<TokenPair> for Tokens {
    fn from(pair: TokenPair) -> Self {
        let lifetime =
            i64::try_from(pair.expires_in).ok().and_then(TimeDelta::try_seconds).unwrap_or(RENEW_BEFORE);
        Self {
            access_token: pair.access_token,
            refresh_token: Some(pair.refresh_token),
            renew_at: Utc::now() + lifetime - RENEW_BEFORE.min(lifetime / 2),
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("renew_at", &self.renew_at).finish_non_exhaustive()
    }
}

/// Holds a session's tokens and renews them in time.
pub(crate) struct TokenKeeper {
    pub(crate) client: Client,
    current: Mutex<Tokens>,
    /// The file that shares the session with other processes.
    file: Option<SessionFile>,
}

impl TokenKeeper {
    pub(crate) fn new(client: Client, tokens: Tokens, file: Option<SessionFile>) -> Self {
        Self { client, current: Mutex::new(tokens), file }
    }

    /// The current tokens. Renews them first if they are about to expire.
    pub(crate) async fn current(self: &Arc<Self>) -> Result<Tokens, Error> {
        let tokens = self.current.lock().await.clone();
        if tokens.refresh_token.is_some() && tokens.renew_at <= Utc::now() {
            return self.replace(tokens.access_token).await;
        }
        Ok(tokens)
    }

    /// The tokens that replace those with this access token.
    pub(crate) async fn replace(self: &Arc<Self>, access_token: String) -> Result<Tokens, Error> {
        let keeper = Arc::clone(self);
        // The renewal runs in its own task, so that the answer is not lost if the caller's future is dropped.
        // Only the answer has the new refresh token, and the old one no longer works.
        match tokio::spawn(async move { keeper.replace_now(&access_token).await }).await {
            Ok(replaced) => replaced,
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_cancelled) => Err(Error::SessionEnded),
            },
        }
    }

    async fn replace_now(&self, access_token: &str) -> Result<Tokens, Error> {
        let mut current = self.current.lock().await;
        if current.access_token != access_token {
            return Ok(current.clone());
        }
        // The lock is held until the new tokens are written. If two processes used the same refresh token,
        // user-service would take it for a theft and end the session.
        let lock = match &self.file {
            Some(file) => Some(file.lock().await?),
            None => None,
        };
        if let Some(lock) = &lock {
            let saved = lock.load()?.ok_or(Error::SessionEnded)?;
            if saved.tokens.access_token != access_token {
                current.clone_from(&saved.tokens);
                return Ok(saved.tokens);
            }
        }
        let refresh_token = current.refresh_token.as_deref().ok_or(Error::SessionEnded)?;
        let tokens = match self.client.refresh(refresh_token).await {
            Err(error) if error.status() == Some(401) => return Err(Error::SessionEnded),
            refreshed => refreshed?,
        };
        current.clone_from(&tokens);
        if let Some(lock) = &lock {
            lock.replace_tokens(&tokens)?;
        }
        Ok(tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(expires_in: u64) -> TokenPair {
        TokenPair {
            access_token: "a".into(),
            token_type: "Bearer".into(),
            expires_in,
            refresh_token: "r".into(),
        }
    }

    fn seconds_until_renewal(expires_in: u64) -> i64 {
        let before = Utc::now();
        let left = Tokens::from(pair(expires_in)).renew_at - before;
        left.num_seconds()
    }

    #[test]
    fn tokens_are_renewed_before_they_expire() {
        assert_eq!(seconds_until_renewal(900), 870);
        assert_eq!(seconds_until_renewal(10), 5);
        assert_eq!(seconds_until_renewal(0), 0);
    }

    #[test]
    fn tokens_do_not_show_in_logs() {
        let text = format!("{:?}", Tokens { access_token: "secret".into(), ..pair(900).into() });
        assert!(!text.contains("secret"), "{text}");
    }
}

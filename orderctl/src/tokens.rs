//! The tokens of a session, and when they are changed for new ones.

use crate::{client::Client, error::Error, session_file::SessionFile};
use chrono::{DateTime, TimeDelta, Utc};
use contract::users::TokenPair;
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};
use tokio::sync::Mutex;

/// An access token is changed when it has this long left, or half its life if that is shorter.
const RENEW_BEFORE: TimeDelta = TimeDelta::seconds(30);

/// What a login brought.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The JWT to call with.
    pub access_token: String,
    /// Works once, for the next pair. Without it the session ends with its access token.
    pub refresh_token: Option<String>,
    /// When to change them, by this machine's clock: reckoned from their arrival, so that a clock
    /// that differs from the service's does no harm.
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

/// Hands out a session's tokens and changes them in time.
pub(crate) struct TokenKeeper {
    pub(crate) client: Client,
    current: Mutex<Tokens>,
    /// Where other processes find the same session.
    file: Option<SessionFile>,
}

impl TokenKeeper {
    pub(crate) fn new(client: Client, tokens: Tokens, file: Option<SessionFile>) -> Self {
        Self { client, current: Mutex::new(tokens), file }
    }

    /// The tokens as they are, changed first if it is time.
    pub(crate) async fn current(self: &Arc<Self>) -> Result<Tokens, Error> {
        let tokens = self.current.lock().await.clone();
        if tokens.refresh_token.is_some() && tokens.renew_at <= Utc::now() {
            return self.replace(tokens.access_token).await;
        }
        Ok(tokens)
    }

    /// The tokens that follow those with this access token.
    pub(crate) async fn replace(self: &Arc<Self>, access_token: String) -> Result<Tokens, Error> {
        let keeper = Arc::clone(self);
        // In a task of its own: a caller that stops waiting must not drop the answer, for the old
        // refresh token is used up and the new one would be lost with it.
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
        // Held until the new tokens are written: two processes that both used the refresh token
        // would look like a theft, and user-service would end the session.
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
    fn tokens_are_changed_before_they_end() {
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

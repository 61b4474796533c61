//! Renews the tokens of a session.

use crate::{client::Client, error::Error, session_file::SessionFile, tokens::Tokens};
use chrono::Utc;
use std::sync::Arc;
use tokio::sync::Mutex;

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

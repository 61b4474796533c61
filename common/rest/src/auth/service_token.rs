//! A service's own access token, fetched with its secret (RFC 6749, section 4.4). Used by the
//! workers.

use clap::{Args, builder::NonEmptyStringValueParser};
use contract::users::{ClientCredentials, ServiceToken};
use reqwest::{Client, Url};
use runtime::{
    causes::Causes,
    config::http_url,
    trace::{TRACEPARENT, TraceContext},
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// A new token is fetched when the current one expires within this time.
const RENEW_BEFORE: Duration = Duration::from_mins(1);

/// How a worker gets its token.
#[derive(Args, Clone)]
pub struct TokenOptions {
    /// The URL of user-service's `/token`.
    #[arg(long, env = "TOKEN_URL", default_value = "http://127.0.0.1:8081/token", value_parser = http_url)]
    pub token_url: Url,
    /// The id of this worker in user-service's `SERVICE_CLIENTS`, such as `order-processor`.
    #[arg(long, env = "CLIENT_ID", value_parser = NonEmptyStringValueParser::new())]
    pub client_id: String,
    /// The secret of this worker in user-service's `SERVICE_CLIENTS`.
    #[arg(long, env = "CLIENT_SECRET", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub client_secret: String,
}

/// The source of this service's token. Cheap to clone.
#[derive(Clone)]
pub struct TokenSource {
    http: Client,
    options: Arc<TokenOptions>,
    current: Arc<Mutex<Option<Current>>>,
}

struct Current {
    token: String,
    renew_at: Instant,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[error("cannot get a service token: {}", Causes(.0))]
pub struct TokenError(#[from] reqwest::Error);

impl TokenSource {
    /// A source that fetches with this client.
    #[must_use]
    pub fn new(http: Client, options: TokenOptions) -> Self {
        Self { http, options: Arc::new(options), current: Arc::default() }
    }

    /// A token that does not expire soon.
    pub async fn token(&self) -> Result<String, TokenError> {
        // The lock is held during the fetch, so that concurrent calls fetch one token only.
        let mut current = self.current.lock().await;
        if let Some(Current { token, renew_at }) = current.as_ref()
            && Instant::now() < *renew_at
        {
            return Ok(token.clone());
        }
        let fetched = self.fetch().await?;
        let lifetime = Duration::from_secs(fetched.expires_in);
        // A token with a short lifetime is used for at least half of it.
        let renew_at = Instant::now() + lifetime.saturating_sub(RENEW_BEFORE).max(lifetime / 2);
        *current = Some(Current { token: fetched.access_token.clone(), renew_at });
        Ok(fetched.access_token)
    }

    /// Forgets a token that was refused, unless it has been replaced already.
    pub async fn forget(&self, refused: &str) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|current| current.token == refused) {
            *current = None;
        }
    }

    async fn fetch(&self) -> Result<ServiceToken, reqwest::Error> {
        let TokenOptions { token_url, client_id, client_secret } = self.options.as_ref();
        let mut request = self.http.post(token_url.clone()).form(&ClientCredentials {
            grant_type: "client_credentials".to_owned(),
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            scope: None,
        });
        if let Some(context) = TraceContext::current() {
            request = request.header(TRACEPARENT, context.child().to_string());
        }
        request.send().await?.error_for_status()?.json().await
    }
}

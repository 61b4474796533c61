//! Calls the other services of this system, with this service's own token.

use crate::auth::service_token::{TokenError, TokenSource};
use contract::problems::ProblemDetails;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use runtime::{
    causes::Causes,
    trace::{TRACEPARENT, TraceContext},
};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// A client of another service of this system. It sends this service's own token.
pub struct ServiceClient {
    http: Client,
    base: Url,
    tokens: TokenSource,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no token for the call.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The service did not answer, or not in time.
    #[error("{}", Causes(.0))]
    Transport(#[from] reqwest::Error),
    /// The service's address and the path do not form a URL.
    #[error("cannot call {0}: {1}")]
    Address(String, String),
    /// The request with the batch of this call failed.
    #[error(transparent)]
    Batch(Arc<CallError>),
    /// The service answered the batch, but not this call.
    #[error("there was no answer to this call")]
    Unanswered,
    /// The service answered with an error that this call does not expect.
    #[error("{path} answered {status}: {detail}")]
    Refused {
        /// The path of the call.
        path: String,
        /// The status of the answer.
        status: StatusCode,
        /// The detail of the answer.
        detail: String,
    },
}

impl CallError {
    /// The error in the answer to one part of a request.
    #[must_use]
    pub fn of_part(path: String, problem: ProblemDetails) -> Self {
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::Refused { path, status, detail: problem.detail }
    }

    /// Whether the same call may succeed later. This is so if the peer was down, busy or broken. It is also
    /// so for 401 and 403, because a wrong configuration causes them, and not the call.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            // Each call of a failed batch may still succeed. A service of an older release does not know
            // requests with several calls, and refuses them.
            Self::Token(_) | Self::Transport(_) | Self::Unanswered | Self::Batch(_) => true,
            Self::Address(..) => false,
            Self::Refused { status, .. } => {
                status.is_server_error() || matches!(status.as_u16(), 401 | 403 | 408 | 425 | 429)
            }
        }
    }
}

impl ServiceClient {
    /// A client of the service at `base`.
    #[must_use]
    pub fn new(http: Client, base: Url, tokens: TokenSource) -> Self {
        Self { http, base, tokens }
    }

    /// Sends a request with a JSON body. After a 401 it fetches a new token and sends the request once more.
    /// Any other HTTP answer is a success here.
    pub async fn send<B: Serialize + Sync>(
        &self,
        method: Method,
        path: &str,
        body: &B,
    ) -> Result<Response, CallError> {
        self.authorised(path, |address| self.http.request(method.clone(), address).json(body)).await
    }

    /// Sends a `GET` request. `path` may have a query. Otherwise it works like [`Self::send`].
    pub async fn get(&self, path: &str) -> Result<Response, CallError> {
        self.authorised(path, |address| self.http.get(address)).await
    }

    async fn authorised(
        &self,
        path: &str,
        request: impl Fn(Url) -> RequestBuilder,
    ) -> Result<Response, CallError> {
        let address =
            self.base.join(path).map_err(|error| CallError::Address(path.to_owned(), error.to_string()))?;
        let mut retried = false;
        loop {
            let token = self.tokens.token().await?;
            let mut request = request(address.clone()).bearer_auth(&token);
            if let Some(context) = TraceContext::current() {
                request = request.header(TRACEPARENT, context.child().to_string());
            }
            let response = request.send().await?;
            if response.status() == StatusCode::UNAUTHORIZED && !retried {
                self.tokens.forget(&token).await;
                retried = true;
                continue;
            }
            return Ok(response);
        }
    }
}

/// Reads the body of an expected answer.
pub async fn body<T: DeserializeOwned>(response: Response) -> Result<T, CallError> {
    Ok(response.json().await?)
}

/// Converts an unexpected answer into an error.
pub async fn refused(response: Response) -> CallError {
    let status = response.status();
    let path = response.url().path().to_owned();
    let detail = match response.json::<ProblemDetails>().await {
        Ok(problem) => problem.detail,
        Err(_) => "no problem document".to_owned(),
    };
    CallError::Refused { path, status, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_peer_or_its_configuration_are_temporary() {
        let refused = |status| {
            let status = StatusCode::from_u16(status).unwrap();
            CallError::Refused { path: "/orders/1".to_owned(), status, detail: "No.".to_owned() }
        };
        assert!([401, 403, 408, 429, 500, 502, 503].into_iter().all(|status| refused(status).is_temporary()));
        assert!(![301, 400, 404, 409, 422].into_iter().any(|status| refused(status).is_temporary()));
        assert!(CallError::Batch(Arc::new(refused(405))).is_temporary());
        assert_eq!(refused(404).to_string(), "/orders/1 answered 404 Not Found: No.");
    }
}

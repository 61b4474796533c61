//! Calls of our other services, with this service's own token.

use crate::auth::service_token::{TokenError, TokenSource};
use contract::problems::ProblemDetails;
use reqwest::{Client, Method, Response, StatusCode, Url};
use runtime::{
    causes::Causes,
    trace::{TRACEPARENT, TraceContext},
};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// Another service, called with this service's own token.
pub struct ServiceClient {
    http: Client,
    base: Url,
    tokens: TokenSource,
}

/// Why a call brought no answer to work with.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No token to call with.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The service did not answer, or not in time.
    #[error("{}", Causes(.0))]
    Transport(#[from] reqwest::Error),
    /// The path does not fit the service's address.
    #[error("cannot call {0}: {1}")]
    Address(String, String),
    /// The request that it was made with, among others, failed.
    #[error(transparent)]
    Together(Arc<CallError>),
    /// The request was answered, but not this part of it.
    #[error("there was no answer to this call")]
    Unanswered,
    /// The service answered with an error that this call does not expect.
    #[error("{path} answered {status}: {detail}")]
    Refused {
        /// What was called.
        path: String,
        /// Its status.
        status: StatusCode,
        /// What it said.
        detail: String,
    },
}

impl CallError {
    /// One part of a request was answered with this.
    #[must_use]
    pub fn of_part(path: String, problem: ProblemDetails) -> Self {
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::Refused { path, status, detail: problem.detail }
    }

    /// Whether the same call may well succeed later: the peer was away, busy or broken, or would not
    /// have us. What it says of us (401, 403) is our configuration's fault, not this call's.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            // What is wrong with one call its own answer says: a request that is refused as a whole says nothing of those
            // that went with it. The service may be one of before, which does not know such a request.
            Self::Token(_) | Self::Transport(_) | Self::Unanswered | Self::Together(_) => true,
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

    /// Sends a request with a JSON body. Any HTTP answer is a success here, but for a 401: then the
    /// token is fetched anew and the request sent once more.
    pub async fn send<B: Serialize + Sync>(
        &self,
        method: Method,
        path: &str,
        body: &B,
    ) -> Result<Response, CallError> {
        let address =
            self.base.join(path).map_err(|error| CallError::Address(path.to_owned(), error.to_string()))?;
        let mut retried = false;
        loop {
            let token = self.tokens.token().await?;
            let mut request =
                self.http.request(method.clone(), address.clone()).bearer_auth(&token).json(body);
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

/// The body of an answer that the call expects.
pub async fn body<T: DeserializeOwned>(response: Response) -> Result<T, CallError> {
    Ok(response.json().await?)
}

/// What an answer that the call does not expect said, as an error.
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
    fn only_what_the_peer_may_answer_otherwise_later_passes() {
        let refused = |status| {
            let status = StatusCode::from_u16(status).unwrap();
            CallError::Refused { path: "/orders/1".to_owned(), status, detail: "No.".to_owned() }
        };
        assert!([401, 403, 408, 429, 500, 502, 503].into_iter().all(|status| refused(status).passes()));
        assert!(![301, 400, 404, 409, 422].into_iter().any(|status| refused(status).passes()));
        assert!(CallError::Together(Arc::new(refused(405))).passes());
        assert_eq!(refused(404).to_string(), "/orders/1 answered 404 Not Found: No.");
    }
}

//! Errors in Stripe's format (<https://docs.stripe.com/api/errors>).

use reqwest::StatusCode;
use runtime::causes::Causes;
use serde::Deserialize;
use std::fmt;

/// The reason why a request to the provider failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    /// No answer came in time. The request may have been executed.
    #[error("the payment provider did not answer: {}", Causes(.0))]
    Transport(#[from] reqwest::Error),
    /// The provider answered with an error.
    #[error("the payment provider answered {status}: {error}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// The error.
        error: Box<ErrorDetail>,
    },
    /// The refund failed permanently.
    #[error("the payment provider could not refund: {0}")]
    RefundFailed(String),
    /// The URL of the request is invalid.
    #[error("cannot call the payment provider: {0}")]
    Address(String),
}

/// The body of an error answer.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorBody {
    /// The error.
    pub error: ErrorDetail,
}

/// The error.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct ErrorDetail {
    /// The kind of error: `card_error`, `invalid_request_error`, …
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The error code.
    pub code: Option<String>,
    /// The card issuer's reason code.
    pub decline_code: Option<String>,
    /// The wrong parameter.
    pub param: Option<String>,
    /// A message for people.
    pub message: Option<String>,
}

impl ProviderError {
    /// Whether the same request with the same key may succeed later.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Transport(_) => true,
            // 409: the idempotency key is in use. 429: too many requests. With 401 and 403, our API key is wrong,
            // which does not depend on the charge.
            Self::Refused { status, .. } => {
                status.is_server_error() || matches!(status.as_u16(), 401 | 403 | 409 | 429)
            }
            Self::RefundFailed(_) | Self::Address(_) => false,
        }
    }

    /// Whether the answer leaves open if the request was executed. The provider repeats this answer for this
    /// key, so the worker must find out with another request.
    pub(super) fn leaves_open(&self) -> bool {
        match self {
            Self::Refused { status, error } => {
                // The key was used with other parameters: an earlier release of the worker sent the request.
                status.is_server_error()
                    || (*status == StatusCode::BAD_REQUEST && error.kind == "idempotency_error")
            }
            _ => false,
        }
    }
}

impl ErrorDetail {
    /// The most specific code for the reason.
    pub(super) fn reason(&self) -> &str {
        self.decline_code.as_deref().or(self.code.as_deref()).unwrap_or(&self.kind)
    }
}

impl fmt::Display for ErrorDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.as_deref().unwrap_or("no message");
        match self.reason() {
            "" => f.write_str(message),
            reason => write!(f, "{reason}: {message}"),
        }
    }
}

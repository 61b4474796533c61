//! Errors as Stripe tells of them (<https://docs.stripe.com/api/errors>).

use reqwest::StatusCode;
use runtime::causes::Causes;
use serde::Deserialize;
use std::fmt;

/// Why the provider did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    /// No answer, or not in time: what was asked may have been done.
    #[error("the payment provider did not answer: {}", Causes(.0))]
    Transport(#[from] reqwest::Error),
    /// It answered with an error.
    #[error("the payment provider answered {status}: {error}")]
    Refused {
        /// Its status.
        status: StatusCode,
        /// What it said.
        error: Box<ErrorDetail>,
    },
    /// The refund failed for good.
    #[error("the payment provider could not refund: {0}")]
    RefundFailed(String),
    /// The provider's address cannot be built.
    #[error("cannot call the payment provider: {0}")]
    Address(String),
}

/// The body of an error answer.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct ErrorDetail {
    /// Whose fault it is, roughly: `card_error`, `invalid_request_error`, …
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Which error it is.
    pub code: Option<String>,
    /// The card issuer's reason.
    pub decline_code: Option<String>,
    /// The parameter that it is about.
    pub param: Option<String>,
    /// For people.
    pub message: Option<String>,
}

impl ProviderError {
    /// Whether the same request under the same key may bring an answer later.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Transport(_) => true,
            // 409 and 429: the key is in use, too many requests. 401 and 403 say that our own key is
            // not good, which is nothing about this charge.
            Self::Refused { status, .. } => {
                status.is_server_error() || matches!(status.as_u16(), 401 | 403 | 409 | 429)
            }
            Self::RefundFailed(_) | Self::Address(_) => false,
        }
    }

    /// Whether the provider answered without saying if it did what it was asked. With this key it
    /// will not say anything else any more, so it has to be asked in another way.
    pub(super) fn leaves_open(&self) -> bool {
        match self {
            Self::Refused { status, error } => {
                // A key with other parameters: an earlier release of ours sent the request.
                status.is_server_error()
                    || (*status == StatusCode::BAD_REQUEST && error.kind == "idempotency_error")
            }
            _ => false,
        }
    }
}

impl ErrorDetail {
    /// The word that says most precisely why.
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

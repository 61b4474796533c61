//! The error type of the library.

use crate::socket_error::SocketError;
use contract::problems::ProblemDetails;
use reqwest::{StatusCode, Url};
use std::{error::Error as _, io, path::PathBuf};

/// The reasons why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The service refused the request with a problem document.
    #[error("{}", .0.detail)]
    Refused(Box<ProblemDetails>),
    /// The service could not be reached, or did not answer in time. The request may still have been
    /// carried out.
    #[error("{}", unanswered(.0))]
    Unanswered(#[source] reqwest::Error),
    /// The request could not be built, for example because HTTP does not allow a header value.
    #[error("the request cannot be made: {}", root_cause(.0))]
    Request(#[source] reqwest::Error),
    /// The answer does not come from a service of Orderflow.
    #[error("{url} answered {status}, but not as an Orderflow service: {detail}")]
    Unreadable {
        /// The address of the request.
        url: Box<Url>,
        /// Its status.
        status: StatusCode,
        /// The reason.
        detail: String,
    },
    /// The session has ended: its refresh token expired or was revoked, or there is none.
    #[error("the session has ended; log in again")]
    SessionEnded,
    /// The session file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The WebSocket failed.
    #[error(transparent)]
    Socket(#[from] SocketError),
}

/// The reasons why a session file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be read, written or locked.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// Its content is not a session.
    #[error("{} is not a session file: {error}; log in again", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The error of the parser.
        error: serde_json::Error,
    },
}

impl Error {
    /// The problem document, if the service refused the request.
    #[must_use]
    pub fn problem(&self) -> Option<&ProblemDetails> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(problem) => Some(problem.status),
            Self::Unreadable { status, .. } | Self::Socket(SocketError::NotUpgraded(status)) => {
                Some(status.as_u16())
            }
            _ => None,
        }
    }

    /// Whether the service was unavailable: it did not answer, or answered that it cannot answer now. The
    /// request may still have been carried out.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        match self {
            Self::Unanswered(_) => true,
            Self::Refused(_) | Self::Unreadable { .. } => matches!(self.status(), Some(502..=504)),
            Self::Socket(error) => error.is_temporary(),
            Self::Request(_) | Self::SessionEnded | Self::File(_) => false,
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        if error.is_builder() { Self::Request(error) } else { Self::Unanswered(error) }
    }
}

/// Used because reqwest's own text is "error sending request" without the cause.
fn unanswered(error: &reqwest::Error) -> String {
    let url = error.url().map_or_else(|| "the service".to_owned(), |url| url.origin().ascii_serialization());
    if error.is_timeout() {
        format!("{url} did not answer in time")
    } else {
        format!("{url} cannot be reached: {}", root_cause(error))
    }
}

fn root_cause(error: &reqwest::Error) -> String {
    let Some(mut cause) = error.source() else { return error.to_string() };
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

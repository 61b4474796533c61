//! Why something could not be done.

use crate::{session_file::FileError, socket::SocketError};
use contract::problems::ProblemDetails;
use reqwest::{StatusCode, Url};
use std::error::Error as _;

/// Why a call brought no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The service refused, and said why.
    #[error("{}", .0.detail)]
    Refused(Box<ProblemDetails>),
    /// The service could not be reached, or did not answer in time. The request may have been
    /// carried out all the same.
    #[error("{}", unanswered(.0))]
    Unanswered(#[source] reqwest::Error),
    /// The request could not even be made, such as for a header that HTTP does not allow.
    #[error("the request cannot be made: {}", root_cause(.0))]
    Request(#[source] reqwest::Error),
    /// The answer is not one of Orderflow's services.
    #[error("{url} answered {status}, but not as an Orderflow service: {detail}")]
    Unreadable {
        /// The address of the request.
        url: Box<Url>,
        /// Its status.
        status: StatusCode,
        /// The fault.
        detail: String,
    },
    /// The session is over: its refresh token has ended, was revoked, or there never was one.
    #[error("the session has ended; log in again")]
    SessionEnded,
    /// The session's file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The WebSocket.
    #[error(transparent)]
    Socket(#[from] SocketError),
}

impl Error {
    /// The reason of a service that refused.
    #[must_use]
    pub fn problem(&self) -> Option<&ProblemDetails> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    /// The HTTP status, where there was an answer.
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

    /// Whether the service was away: there was no answer, or only that there can be none now.
    /// The request may have been carried out all the same.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        match self {
            Self::Unanswered(_) => true,
            Self::Refused(_) | Self::Unreadable { .. } => matches!(self.status(), Some(502..=504)),
            Self::Socket(error) => error.passes(),
            Self::Request(_) | Self::SessionEnded | Self::File(_) => false,
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        if error.is_builder() { Self::Request(error) } else { Self::Unanswered(error) }
    }
}

/// reqwest's own text has the words "error sending request" and hides the cause.
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

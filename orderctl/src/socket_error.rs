//! The errors of a WebSocket.

use contract::push::close;
use reqwest::StatusCode;
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};

/// The reasons why a connection fails or ends.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// The service answered without opening a WebSocket.
    #[error("the service answered {0} instead of opening a WebSocket")]
    NotUpgraded(StatusCode),
    /// The service closed the connection.
    #[error("the service closed the WebSocket{}", closing(*.code, .reason))]
    Closed {
        /// The close code, if there is one: from [`close`] or RFC 6455.
        code: Option<u16>,
        /// Its reason.
        reason: String,
    },
    /// The service did not answer this step in time.
    #[error("the WebSocket timed out while {0}")]
    TimedOut(&'static str),
    /// The connection could not be made, or broke.
    #[error("the WebSocket connection failed: {0}")]
    Broken(#[from] tungstenite::Error),
    /// The proxy did not connect to the service.
    #[error("the proxy {host} cannot connect to the WebSocket: {reason}")]
    Proxy {
        /// The proxy's host.
        host: String,
        /// The proxy's answer, or the reason why it cannot be reached.
        reason: String,
    },
    /// The environment names a proxy of a kind that is not supported.
    #[error("the WebSocket cannot use an {0} proxy; use an http, socks5 or socks4 proxy")]
    UnknownProxy(String),
    /// The service refuses the subscription.
    #[error("{0}")]
    Refused(String),
    /// A frame that is not part of the protocol.
    #[error("the service sent a frame that is not part of the protocol: {0}")]
    Unreadable(String),
}

fn closing(code: Option<u16>, reason: &str) -> String {
    match (code, reason) {
        (None, _) => String::new(),
        (Some(code), "") => format!(" ({code})"),
        (Some(code), reason) => format!(" ({code}: {reason})"),
    }
}

impl SocketError {
    /// The close code, if the service sent one.
    #[must_use]
    pub const fn close_code(&self) -> Option<u16> {
        match self {
            Self::Closed { code, .. } => *code,
            _ => None,
        }
    }

    /// Whether another connection with the same token and subscriptions may succeed.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::NotUpgraded(status) => status.is_server_error(),
            Self::Closed { code, .. } => !matches!(
                code,
                Some(close::BAD_FRAME | close::UNAUTHENTICATED | close::PROTOCOL_ERROR | close::NOT_UTF8)
            ),
            Self::TimedOut(_) | Self::Proxy { .. } => true,
            Self::Broken(error) => !is_permanent(error),
            Self::Refused(_) | Self::Unreadable(_) | Self::UnknownProxy(_) => false,
        }
    }
}

/// Whether the address or the peer is wrong, so that another try cannot succeed.
fn is_permanent(error: &tungstenite::Error) -> bool {
    match error {
        tungstenite::Error::Protocol(error) => {
            !matches!(error, ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete)
        }
        tungstenite::Error::Url(_) | tungstenite::Error::HttpFormat(_) => true,
        _ => false,
    }
}

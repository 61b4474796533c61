//! Errors of the broker, and time limits for its answers.

use crate::reason;
use lapin::{
    ErrorKind,
    protocol::{AMQPErrorKind, AMQPSoftError},
};
use std::{future::Future, time::Duration};
use tokio::time::{error::Elapsed, timeout};

/// The time limit for one answer of the broker. A connection on which an answer takes longer is dead.
pub const BROKER_TIMEOUT: Duration = Duration::from_secs(10);
/// The time limit for one attempt to connect. An attempt that began during a network outage never gets an
/// answer. Orders must be processed again within 10 s after the outage.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Why an operation on the broker failed.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The broker or the connection to it failed.
    #[error("{}", reason::of(.0))]
    Lapin(#[from] lapin::Error),
    /// No answer within [`BROKER_TIMEOUT`], or no connection within [`CONNECT_LIMIT`].
    #[error("the broker does not answer")]
    Timeout(#[from] Elapsed),
    /// The broker ended a consumer. It gives no reason.
    #[error("the broker cancelled the consumer of queue {0}: the queue was deleted, or its node is down")]
    Cancelled(String),
    /// A published event did not arrive in the queue that gets all events.
    #[error("events do not reach this replica's queue: its binding was lost")]
    Unbound,
}

impl BrokerError {
    /// Whether the broker refused the operation, with a reason. The channel is closed, but the connection is
    /// open.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Lapin(error) if error.is_amqp_soft_error())
    }

    pub(super) fn is_not_found(&self) -> bool {
        let Self::Lapin(error) = self else { return false };
        matches!(error.kind(), ErrorKind::ProtocolError(error)
            if matches!(error.kind(), AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND)))
    }

    /// Whether the error is an answer of the broker, and not a failure of the network.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Lapin(error) if matches!(error.kind(), ErrorKind::ProtocolError(_)))
    }
}

/// Waits for an answer of the broker, up to [`BROKER_TIMEOUT`].
pub async fn bounded<T>(answer: impl Future<Output = lapin::Result<T>>) -> Result<T, BrokerError> {
    Ok(timeout(BROKER_TIMEOUT, answer).await??)
}

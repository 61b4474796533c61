//! Errors of the broker, and the time limit of each answer.

use crate::reason;
use lapin::{
    ErrorKind,
    protocol::{AMQPErrorKind, AMQPSoftError},
};
use std::{future::Future, time::Duration};
use tokio::time::{error::Elapsed, timeout};

/// No single answer of the broker takes longer, unless the connection is dead.
pub const BROKER_TIMEOUT: Duration = Duration::from_secs(10);
/// A try to connect takes no longer: one that was begun while the network was silent is silent for ever,
/// and orders are to flow again within 10 s of its return.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Why a connection is given up.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The broker, or the way to it, failed.
    #[error("{}", reason::of(.0))]
    Lapin(#[from] lapin::Error),
    /// No answer within [`BROKER_TIMEOUT`], or no connection within [`CONNECT_LIMIT`].
    #[error("the broker does not answer")]
    Timeout(#[from] Elapsed),
    /// The broker ended a consumer. It gives no reason.
    #[error("the broker cancelled the consumer of queue {0}: the queue was deleted, or its node is away")]
    Cancelled(String),
    /// A published event did not arrive in the queue that gets all events.
    #[error("events do not reach this replica's queue: its binding was lost")]
    Unbound,
}

impl BrokerError {
    /// Whether the broker answered that it does not do this, and why. The connection still stands; its channel is closed.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Lapin(error) if error.is_amqp_soft_error())
    }

    pub(super) fn is_not_found(&self) -> bool {
        let Self::Lapin(error) = self else { return false };
        matches!(error.kind(), ErrorKind::ProtocolError(error)
            if matches!(error.kind(), AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND)))
    }

    /// Whether the broker itself said why, rather than the network.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Lapin(error) if matches!(error.kind(), ErrorKind::ProtocolError(_)))
    }
}

/// Waits for the broker, but not for ever.
pub async fn bounded<T>(answer: impl Future<Output = lapin::Result<T>>) -> Result<T, BrokerError> {
    Ok(timeout(BROKER_TIMEOUT, answer).await??)
}

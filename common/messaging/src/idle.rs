//! Idle consumers consume again on a new channel.
//!
//! If a queue is deleted and declared again at once, RabbitMQ 3.10 still lists the consumer as active. It assigns
//! messages to the consumer, but never sends them. Closing the channel makes them available again.

use crate::error::{BrokerError, bounded};
use lapin::{Channel, Connection};
use std::time::Duration;

/// The time without a message after which a consumer is idle.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a consumer stops using a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The process shuts down.
    Shutdown,
    /// The consumer was idle.
    Idle,
}

/// Closes the channel of an idle consumer, and opens another one. Messages that were not acknowledged go back
/// to the queue.
pub async fn reopen(connection: &Connection, channel: Channel) -> Result<Channel, BrokerError> {
    bounded(channel.close(200, "idle".into())).await?;
    bounded(connection.create_channel()).await
}

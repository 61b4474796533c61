//! This replica's own queue of all events.
//!
//! Nothing is acknowledged and nothing is durable: what is lost with a connection is read from the
//! database when the next one stands.

use super::hub::Hub;
use common::{
    amqp::{
        connection::{Broker, BrokerError, bounded},
        topology,
    },
    contract::events::OrderEvent,
    http::health::Gate,
    lifecycle::TaskResult,
};
use futures_util::StreamExt;
use lapin::{Channel, Connection, options::BasicConsumeOptions, types::FieldTable};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Feeds the hub until the process is to end. `connected_once` opens with the first connection and
/// stays open: without RabbitMQ orders are still taken, and pushed by the replica that takes them; the others
/// push them later.
pub(crate) async fn run(
    broker: Broker,
    hub: Hub,
    connected_once: Gate,
    shutdown: CancellationToken,
) -> TaskResult {
    let connected = Gate::default();
    broker
        .keep_connected("push", &connected, &shutdown, |connection, channel| {
            let (hub, connected, connected_once) = (hub.clone(), connected.clone(), connected_once.clone());
            let shutdown = shutdown.clone();
            async move {
                tokio::select! {
                    ended = session(connection, channel, &hub, &connected, &connected_once) => ended,
                    () = shutdown.cancelled() => Ok(()),
                }
            }
        })
        .await;
    Ok(())
}

async fn session(
    // Held: the queue goes with it.
    _connection: Connection,
    channel: Channel,
    hub: &Hub,
    connected: &Gate,
    connected_once: &Gate,
) -> Result<(), BrokerError> {
    // A new name each time: the broker may not have noticed yet that the last connection is gone,
    // and would refuse its exclusive queue to us.
    let queue = format!("{}{}.{}", topology::PUSH_PREFIX, std::process::id(), Uuid::now_v7());
    bounded(topology::declare_push_queue(&channel, &queue)).await?;
    let options = BasicConsumeOptions { no_ack: true, exclusive: true, ..BasicConsumeOptions::default() };
    let consume = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
    let mut deliveries = bounded(consume).await?;
    connected.open();
    connected_once.open();
    tracing::info!("pushing events");
    // From here on nothing is missed; what was missed before, the sockets look up.
    hub.resync();

    while let Some(delivery) = deliveries.next().await {
        match OrderEvent::decode(&delivery?.data) {
            Ok(event) => hub.publish(&Arc::new(event)),
            // The work queues park it and say so.
            Err(error) => tracing::debug!(%error, "an event that cannot be pushed"),
        }
    }
    Err(BrokerError::Cancelled)
}

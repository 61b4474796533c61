//! Moves messages from the parking queue to the database. A message is acknowledged after its row is committed.

use crate::{
    amqp,
    db::arrivals::{self, Stored},
    domain::arrival::Arrival,
};
use futures_util::StreamExt;
use lapin::{
    Channel, Connection,
    message::Delivery,
    options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use messaging::{
    connection::Broker,
    error::{BrokerError, bounded},
    idle::{self, End, IDLE_TIMEOUT},
    topology::PARKING,
};
use runtime::{backoff, crash, health::Gate, lifecycle::TaskResult, outage::Outage};
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// The number of messages that the broker sends ahead. A message may have 16 MiB.
const PREFETCH: u16 = 4;
/// The longest pause between two attempts to store a message.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// Consumes until the process is about to end. While RabbitMQ or PostgreSQL is away, messages wait in the queue.
pub(crate) async fn run(broker: Broker, pool: PgPool, shutdown: CancellationToken) -> TaskResult {
    // Not a part of readiness: staff see stored messages without the broker.
    let gate = Gate::default();
    broker
        .keep_connected("parking", &gate, &shutdown, |connection, channel| {
            session(connection, channel, pool.clone(), gate.clone(), shutdown.clone())
        })
        .await;
    Ok(())
}

/// Consumes on one connection. A message without an acknowledgement goes back to the queue when the connection closes.
async fn session(
    connection: Arc<Connection>,
    mut channel: Channel,
    pool: PgPool,
    gate: Gate,
    shutdown: CancellationToken,
) -> Result<(), BrokerError> {
    while consume(&channel, &pool, &gate, &shutdown).await? == End::Idle {
        channel = idle::reopen(&connection, channel).await?;
    }
    bounded(connection.close(200, "drained".into())).await
}

async fn consume(
    channel: &Channel,
    pool: &PgPool,
    gate: &Gate,
    shutdown: &CancellationToken,
) -> Result<End, BrokerError> {
    bounded(channel.basic_qos(PREFETCH, BasicQosOptions::default())).await?;
    let consuming = channel.basic_consume(
        PARKING.into(),
        "".into(),
        BasicConsumeOptions::default(),
        FieldTable::default(),
    );
    let mut deliveries = bounded(consuming).await?;
    if !gate.is_open() {
        gate.open();
        tracing::info!(queue = PARKING, "consuming");
    }
    loop {
        let next = tokio::select! {
            () = shutdown.cancelled() => return Ok(End::Shutdown),
            next = timeout(IDLE_TIMEOUT, deliveries.next()) => next,
        };
        let Ok(next) = next else { return Ok(End::Idle) };
        let delivery = next.ok_or_else(|| BrokerError::Cancelled(PARKING.to_owned()))??;
        let stored = tokio::select! {
            () = shutdown.cancelled() => return Ok(End::Shutdown),
            stored = store(pool, &delivery) => stored,
        };
        // If the connection was lost meanwhile, the next delivery is an error.
        if stored {
            crash::point("parking.stored");
            bounded(delivery.ack(BasicAckOptions::default())).await?;
        }
    }
}

/// Stores a message, and holds it while the database is away. The broker sends no more than [`PREFETCH`] meanwhile.
/// False if the connection of the delivery was lost: then the message is back in the queue.
async fn store(pool: &PgPool, delivery: &Delivery) -> bool {
    let arrival = amqp::arrival(delivery);
    let mut delays = backoff::reconnecting();
    let mut outage = Outage::default();
    while delivery.acker.usable() {
        match arrivals::insert(pool, &arrival).await {
            Ok(stored) => {
                if outage.end() {
                    tracing::info!("storing parked messages again");
                }
                note(&arrival, stored);
                return true;
            }
            Err(error) => {
                let reason = error.to_string();
                if outage.has_new_reason(&reason) {
                    tracing::warn!(
                        error = reason,
                        "parked messages wait in the queue: cannot store them now"
                    );
                }
            }
        }
        tokio::time::sleep(delays.next().unwrap_or(MAX_PAUSE)).await;
    }
    false
}

fn note(Arrival { properties, queue, reason, .. }: &Arrival, stored: Stored) {
    let (message_id, order_id) = (&properties.message_id, &properties.correlation_id);
    match stored {
        Stored::New(id) => {
            tracing::info!(%id, ?message_id, ?queue, ?order_id, reason, "stored a parked message");
            metrics::counter!("parked_messages_total").increment(1);
        }
        Stored::Before => {
            tracing::info!(?message_id, ?queue, ?order_id, "this parked message was stored before");
        }
    }
}

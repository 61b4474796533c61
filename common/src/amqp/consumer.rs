//! The loop that drives a work queue. A handler says what became of an event; back-off, giving up,
//! parking, draining, metrics and tracing are decided here, once for all workers.

use super::{
    connection::{BROKER_TIMEOUT, Broker, BrokerError, bounded},
    delivery::{self, Envelope},
    patience::{PATIENCE, Progress, persevere},
    publisher::{Outgoing, Publisher, Verdict},
    topology::{self, RETRY_LADDER, WorkQueue},
};
use crate::{
    backoff,
    contract::events::OrderEvent,
    crash,
    http::health::Gate,
    lifecycle::TaskResult,
    trace::{self, TraceContext},
};
use futures_util::{FutureExt, StreamExt};
use lapin::{
    Channel, Connection, Consumer as Deliveries,
    message::Delivery,
    options::{BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicQosOptions},
    types::{FieldTable, ShortString},
};
use std::{future::Future, panic::AssertUnwindSafe, sync::Arc, time::Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, field};

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is dealt with, and would be dealt with again without harm.
    Done,
    /// It cannot be dealt with now: a peer does not answer. The loop decides when to try again.
    Retry(String),
    /// It can never be dealt with.
    Park(String),
}

/// A worker's business. It must be idempotent: an event may come more than once, and at the same
/// time twice.
pub trait Handler: Send + Sync + 'static {
    /// Deals with one event.
    fn handle(&self, event: OrderEvent) -> impl Future<Output = Outcome> + Send;
}

/// Consumes a work queue. Cheap to clone.
pub struct Consumer<H>(Arc<Inner<H>>);

struct Inner<H> {
    queue: &'static WorkQueue,
    prefetch: u16,
    publisher: Publisher,
    handler: H,
    progress: Progress,
}

impl<H> Clone for Consumer<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<H: Handler> Consumer<H> {
    /// A consumer that handles up to `prefetch` messages at a time. `publisher` is for what is
    /// retried or parked.
    pub fn new(queue: &'static WorkQueue, prefetch: u16, publisher: Publisher, handler: H) -> Self {
        Self(Arc::new(Inner { queue, prefetch, publisher, handler, progress: Progress::default() }))
    }

    /// Consumes until the process is to end, through every loss of the connection; then finishes
    /// what it holds.
    pub async fn run(self, broker: Broker, gate: Gate, shutdown: CancellationToken) -> TaskResult {
        // Invariant: a delivery is handled only under one of `prefetch` permits, also while
        // deliveries of an earlier connection are still being worked on. All permits free = idle.
        let permits = Arc::new(Semaphore::new(usize::from(self.0.prefetch)));
        broker
            .keep_connected("consume", &gate, &shutdown, |connection, channel| {
                self.clone().session(
                    connection,
                    channel,
                    Arc::clone(&permits),
                    gate.clone(),
                    shutdown.clone(),
                )
            })
            .await;
        idle(&permits, self.0.prefetch).await;
        Ok(())
    }

    /// Consumes on one connection. `Ok` when the process is to end and nothing is held any more.
    async fn session(
        self,
        connection: Connection,
        channel: Channel,
        permits: Arc<Semaphore>,
        gate: Gate,
        shutdown: CancellationToken,
    ) -> Result<(), BrokerError> {
        let mut deliveries = self.consume(&channel).await?;
        gate.open();
        tracing::info!(queue = self.0.queue.name, "consuming");
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                next = deliveries.next() => {
                    let delivery = next.ok_or(BrokerError::Cancelled)??;
                    // As many permits as the broker sends without an answer: on this connection
                    // alone there is always one. The wait is for those of the connection before.
                    let permit = tokio::select! {
                        permit = Arc::clone(&permits).acquire_owned() => permit,
                        () = shutdown.cancelled() => break,
                    };
                    let Ok(permit) = permit else { break };
                    tokio::spawn(self.clone().work(delivery, permit, shutdown.clone()));
                }
            }
        }
        // What was delivered and not begun goes back to the queue when the connection closes.
        bounded(channel.basic_cancel(deliveries.tag(), BasicCancelOptions::default())).await?;
        idle(&permits, self.0.prefetch).await;
        bounded(connection.close(200, "drained".into())).await
    }

    async fn consume(&self, channel: &Channel) -> Result<Deliveries, BrokerError> {
        // The topology has the queues that an order needs; a service that only listens brings its own.
        bounded(topology::declare_work_queue(channel, self.0.queue)).await?;
        bounded(channel.basic_qos(self.0.prefetch, BasicQosOptions::default())).await?;
        bounded(channel.basic_consume(
            ShortString::from(self.0.queue.name),
            ShortString::default(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        ))
        .await
    }

    /// Handles one delivery, within its trace.
    async fn work(self, delivery: Delivery, permit: OwnedSemaphorePermit, shutdown: CancellationToken) {
        let envelope = Envelope::of(&delivery);
        let context = TraceContext::continued(envelope.traceparent());
        let span = tracing::info_span!(
            "deliver",
            trace_id = %context.trace_id(),
            order_id = field::Empty,
            event = envelope.kind(),
            attempt = envelope.attempt(),
        );
        let started = Instant::now();
        let work = async {
            let is_ours = || delivery.acker.usable();
            let handle = || self.outcome(&delivery);
            let Some(outcome) = persevere(&self.0.progress, PATIENCE, &shutdown, is_ours, handle).await
            else {
                // Without an answer it goes back to the queue when the connection closes.
                return "left";
            };
            let label = match &outcome {
                Outcome::Done => "done",
                Outcome::Retry(_) => "retry",
                Outcome::Park(_) => "park",
            };
            self.settle(&delivery, outcome).await;
            label
        };
        let outcome = trace::scope(context, work.instrument(span)).await;
        let labels = [("queue", self.0.queue.name), ("outcome", outcome)];
        metrics::counter!("deliveries_total", &labels).increment(1);
        metrics::histogram!("delivery_duration_seconds", &labels).record(started.elapsed());
        drop(permit);
    }

    async fn outcome(&self, delivery: &Delivery) -> Outcome {
        let event = match OrderEvent::decode(&delivery.data) {
            Ok(event) => event,
            Err(error) => return Outcome::Park(error.to_string()),
        };
        trace::record_order(event.order_id);
        // A panic must not leave the delivery without an answer: its permit would come back, but
        // the broker would wait for it until the connection ends.
        let handled = AssertUnwindSafe(self.0.handler.handle(event)).catch_unwind().await;
        handled.unwrap_or_else(|_| Outcome::Retry("the handler panicked".to_owned()))
    }

    /// Answers the broker, last of all.
    async fn settle(&self, delivery: &Delivery, outcome: Outcome) {
        let queue = self.0.queue.name;
        let forward = match outcome {
            Outcome::Done => None,
            Outcome::Retry(reason) => match RETRY_LADDER.get(Envelope::of(delivery).attempt()) {
                Some(step) => {
                    tracing::warn!(reason, delay = ?step.delay, "trying again later");
                    Some(delivery::retried(delivery, step.name, queue, &reason))
                }
                None => Some(park(delivery, queue, &format!("given up: {reason}"))),
            },
            Outcome::Park(reason) => Some(park(delivery, queue, &reason)),
        };
        if let Some(message) = forward {
            if !self.forward(delivery, message).await {
                return;
            }
            crash::point("consumer.forwarded");
        }
        crash::point("consumer.handled");
        let acked = bounded(delivery.ack(BasicAckOptions::default())).await;
        // `Ok(false)`: the channel is gone, the acknowledgement went nowhere.
        if !matches!(acked, Ok(true)) {
            tracing::info!("connection lost before the acknowledgement; the message will come again");
        }
    }

    /// Publishes a message to where it waits, until the broker has it. False when the delivery's
    /// own connection is gone meanwhile: then the message is back in its queue.
    async fn forward(&self, delivery: &Delivery, message: Outgoing) -> bool {
        let mut delays = backoff::reconnecting();
        while delivery.acker.usable() {
            let why = match self.0.publisher.publish(message.clone()).await {
                Ok(Verdict::Confirmed) => return true,
                Ok(verdict) => format!("{verdict:?}"),
                Err(error) => error.to_string(),
            };
            tracing::warn!(why, exchange = message.exchange, "cannot forward a message yet");
            tokio::time::sleep(delays.next().unwrap_or(BROKER_TIMEOUT)).await;
        }
        false
    }
}

fn park(delivery: &Delivery, queue: &'static str, reason: &str) -> Outgoing {
    tracing::error!(reason, "parked; see the queue `parking`");
    delivery::parked(delivery, queue, reason)
}

/// Waits until nothing is being handled.
async fn idle(permits: &Semaphore, prefetch: u16) {
    drop(permits.acquire_many(u32::from(prefetch)).await);
}

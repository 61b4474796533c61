//! The loop that drives a work queue. A handler says what became of an event; back-off, giving up,
//! parking, draining, metrics and tracing are decided here, once for all workers.

use crate::{
    acks::Acks,
    connection::Broker,
    declaring::Part,
    delivery::{self, Envelope},
    error::{BROKER_TIMEOUT, BrokerError, bounded},
    outcome::Outcome,
    patience::{PATIENCE, Progress, persevere},
    publisher::{Outgoing, Publisher, Verdict},
    quarantine::{self, Intake},
    topology::{RETRY_LADDER, WorkQueue},
};
use chrono::Utc;
use contract::events::{DecodeError, OrderEvent};
use futures_util::FutureExt;
use lapin::{Channel, Connection, message::Delivery};
use runtime::{
    backoff, crash,
    health::Gate,
    lifecycle::TaskResult,
    trace::{self, TraceContext},
};
use std::{
    future::Future,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, field};

/// How long one try of a handler may take. Its calls to peers have shorter limits of their own; this one
/// is for what has none, such as a query to a database whose packets vanish.
const TRY_LIMIT: Duration = Duration::from_mins(1);

/// A consumer that is idle for so long consumes anew, on another channel. Where a queue is deleted and declared again at once,
/// RabbitMQ counts its consumer as active, gives it messages and never sends them. They are free when the channel is closed.
const SILENCE: Duration = Duration::from_secs(10);

/// Why a consumer stops using a channel.
#[derive(PartialEq, Eq)]
enum End {
    /// The process is to end.
    Shutdown,
    /// It was idle.
    Silence,
}

/// A worker's business. It must be idempotent: an event may come more than once, and at the same
/// time twice.
pub trait Handler: Send + Sync + 'static {
    /// Deals with one event. May be dropped when it takes too long, which is to it like a crash.
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
            .declaring(Part::Queue(self.0.queue))
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
        connection: Arc<Connection>,
        mut channel: Channel,
        permits: Arc<Semaphore>,
        gate: Gate,
        shutdown: CancellationToken,
    ) -> Result<(), BrokerError> {
        while self.consume(&channel, &permits, &gate, &shutdown).await? == End::Silence {
            bounded(channel.close(200, "idle".into())).await?;
            channel = bounded(connection.create_channel()).await?;
        }
        idle(&permits, self.0.prefetch).await;
        bounded(connection.close(200, "drained".into())).await
    }

    /// Consumes on one channel. After a silence nothing that was delivered on it is without an answer.
    async fn consume(
        &self,
        channel: &Channel,
        permits: &Arc<Semaphore>,
        gate: &Gate,
        shutdown: &CancellationToken,
    ) -> Result<End, BrokerError> {
        let Inner { queue, prefetch, .. } = *self.0;
        let acks = Acks::new();
        let mut intake = Intake::open(channel, queue, prefetch, acks.clone(), gate.is_open()).await?;
        if !gate.is_open() {
            gate.open();
            tracing::info!(queue = queue.name, "consuming");
        }
        loop {
            let next = tokio::select! {
                () = shutdown.cancelled() => break,
                next = self.next(&mut intake, permits) => next?,
            };
            let Some(delivery) = next else {
                let held = intake.stop().await?;
                if held.is_empty() {
                    return Ok(End::Silence);
                }
                self.start_all(held, &acks, permits, shutdown).await;
                intake.resume().await?;
                continue;
            };
            if quarantine::is_suspect(&delivery) {
                self.start_all(intake.stop().await?, &acks, permits, shutdown).await;
                if let Some(alone) = self.start(delivery, prefetch, &acks, permits, shutdown).await {
                    drop(alone.await);
                }
                intake.resume().await?;
            } else {
                intake.widen().await?;
                self.start(delivery, 1, &acks, permits, shutdown).await;
            }
        }
        // What was delivered and not begun goes back to the queue when the connection closes.
        intake.cancel().await?;
        Ok(End::Shutdown)
    }

    /// The next delivery. `None` after a silence in which nothing was being handled either.
    async fn next(
        &self,
        intake: &mut Intake<'_>,
        permits: &Semaphore,
    ) -> Result<Option<Delivery>, BrokerError> {
        loop {
            match timeout(SILENCE, intake.next()).await {
                Ok(next) => return next.map(Some),
                Err(_) if permits.available_permits() == usize::from(self.0.prefetch) => return Ok(None),
                Err(_) => {}
            }
        }
    }

    async fn start_all(
        &self,
        deliveries: Vec<Delivery>,
        acks: &Acks,
        permits: &Arc<Semaphore>,
        shutdown: &CancellationToken,
    ) {
        for delivery in deliveries {
            self.start(delivery, 1, acks, permits, shutdown).await;
        }
    }

    /// Begins with a delivery when it has its permits: one, or all of them for one that must be
    /// alone. `None` when the process is to end first.
    ///
    /// On this connection there is always a permit for one: the broker sends no more without an
    /// answer. The wait is for deliveries of the connection before. All are only ever waited for
    /// here, by a loop that holds none itself.
    async fn start(
        &self,
        delivery: Delivery,
        count: u16,
        acks: &Acks,
        permits: &Arc<Semaphore>,
        shutdown: &CancellationToken,
    ) -> Option<JoinHandle<()>> {
        let permit = tokio::select! {
            permit = Arc::clone(permits).acquire_many_owned(count.into()) => permit.ok()?,
            () = shutdown.cancelled() => return None,
        };
        Some(tokio::spawn(self.clone().work(delivery, permit, acks.clone(), shutdown.clone())))
    }

    /// Handles one delivery, within its trace.
    async fn work(
        self,
        delivery: Delivery,
        permit: OwnedSemaphorePermit,
        acks: Acks,
        shutdown: CancellationToken,
    ) {
        let envelope = Envelope::of(&delivery);
        let context = TraceContext::continued(envelope.traceparent());
        let span = tracing::info_span!(
            "deliver",
            trace_id = %context.trace_id(),
            order_id = field::Empty,
            event = envelope.kind(),
            attempt = envelope.attempt(),
            returns = envelope.returns(),
        );
        let started = Instant::now();
        let work = async {
            let is_ours = || delivery.acker.usable();
            let handle = || self.outcome(&delivery);
            let outcome = persevere(&self.0.progress, PATIENCE, &shutdown, is_ours, handle).await?;
            let label = match &outcome {
                Outcome::Done => "done",
                Outcome::Retry(_) => "retry",
                Outcome::Postpone(_) => "postpone",
                Outcome::Park(_) => "park",
            };
            self.settle(&delivery, outcome).await.then_some(label)
        };
        let outcome = trace::scope(context, work.instrument(span)).await;
        let labels = [("queue", self.0.queue.name), ("outcome", outcome.unwrap_or("left"))];
        metrics::counter!("deliveries_total", &labels).increment(1);
        metrics::histogram!("delivery_duration_seconds", &labels).record(started.elapsed());
        // Last of all. Without it the delivery goes back to the queue when the connection closes.
        if outcome.is_some() {
            acks.done(delivery, permit);
        }
    }

    async fn outcome(&self, delivery: &Delivery) -> Outcome {
        crash::point_with("consumer.delivered", &delivery.data);
        let event = match OrderEvent::decode(&delivery.data) {
            Ok(event) => event,
            Err(error @ DecodeError::LaterSchema(_)) => return Outcome::Postpone(error.to_string()),
            Err(error) => return Outcome::Park(error.to_string()),
        };
        trace::record_order(event.order_id);
        // A panic must not leave the delivery without an answer: its permit would come back, but
        // the broker would wait for it until the connection ends.
        let handled = AssertUnwindSafe(self.0.handler.handle(event)).catch_unwind();
        match timeout(TRY_LIMIT, handled).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Outcome::Retry("the handler panicked".to_owned()),
            Err(_) => Outcome::Retry(format!("not done within {TRY_LIMIT:?}")),
        }
    }

    /// Does what is to be done before the broker gets its answer. False when it is not to get one.
    async fn settle(&self, delivery: &Delivery, outcome: Outcome) -> bool {
        let queue = self.0.queue.name;
        let forward = match outcome {
            Outcome::Done => None,
            Outcome::Retry(reason) => match RETRY_LADDER.get(Envelope::of(delivery).attempt()) {
                Some(step) => {
                    tracing::warn!(reason, delay = ?step.delay, "trying again later");
                    Some(delivery::retried(delivery, step, queue, &reason))
                }
                None => Some(park(delivery, queue, &format!("given up: {reason}"))),
            },
            Outcome::Postpone(reason) => match delivery::postponed(delivery, queue, &reason, Utc::now()) {
                Some(waiting) => {
                    tracing::warn!(reason, "the message waits for a newer release of this worker");
                    metrics::counter!("messages_of_later_schema_total", "queue" => queue).increment(1);
                    Some(waiting)
                }
                None => Some(park(delivery, queue, &format!("waited for a newer release in vain: {reason}"))),
            },
            Outcome::Park(reason) => Some(park(delivery, queue, &reason)),
        };
        if let Some(message) = forward {
            if !self.forward(delivery, message).await {
                return false;
            }
            crash::point("consumer.forwarded");
        }
        crash::point("consumer.handled");
        true
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{connection::BrokerOptions, topology::ORDER_PROCESSOR};
    use std::sync::atomic::{AtomicUsize, Ordering};

    const EVENT: &str = r#"{"id":"01900000-0000-7000-8000-000000000001","schema":1,"order_id":"01900000-0000-7000-8000-000000000002","user_id":"01900000-0000-7000-8000-000000000003","version":4,"status":"completed","at":"2026-01-02T03:04:05Z","type":"order_completed","data":{}}"#;

    /// Counts those at work at the same time, and holds each until it is let go.
    struct Busy {
        now: AtomicUsize,
        go: Semaphore,
    }

    impl Handler for Arc<Busy> {
        async fn handle(&self, _: OrderEvent) -> Outcome {
            self.now.fetch_add(1, Ordering::SeqCst);
            self.go.acquire().await.unwrap().forget();
            self.now.fetch_sub(1, Ordering::SeqCst);
            Outcome::Done
        }
    }

    impl Default for Busy {
        fn default() -> Self {
            Self { now: AtomicUsize::new(0), go: Semaphore::new(0) }
        }
    }

    impl Busy {
        async fn are(&self, count: usize) {
            while self.now.load(Ordering::SeqCst) != count {
                tokio::task::yield_now().await;
            }
        }
    }

    fn delivery() -> Delivery {
        Delivery::mock(1, "orders".into(), "order_completed".into(), false, EVENT.into())
    }

    fn consumer(prefetch: u16) -> (Arc<Busy>, Consumer<Arc<Busy>>, Arc<Semaphore>) {
        let amqp_url = "amqp://127.0.0.1".parse().unwrap();
        let publisher = Publisher::new(&Broker::new(&BrokerOptions { amqp_url }, "test"));
        let busy = Arc::new(Busy::default());
        let consumer = Consumer::new(&ORDER_PROCESSOR, prefetch, publisher, Arc::clone(&busy));
        (busy, consumer, Arc::new(Semaphore::new(prefetch.into())))
    }

    #[tokio::test]
    async fn who_must_be_alone_waits_for_the_others_and_they_for_it() {
        let (busy, consumer, permits) = consumer(3);
        let (acks, shutdown) = (Acks::new(), CancellationToken::new());
        for _ in 0..2 {
            consumer.start(delivery(), 1, &acks, &permits, &shutdown).await.unwrap();
        }
        let mut alone = Box::pin(consumer.start(delivery(), 3, &acks, &permits, &shutdown));
        busy.are(2).await;
        assert!((&mut alone).now_or_never().is_none());
        busy.go.add_permits(2);
        let alone = alone.await.unwrap();
        busy.are(1).await;
        let mut other = Box::pin(consumer.start(delivery(), 1, &acks, &permits, &shutdown));
        assert!((&mut other).now_or_never().is_none());
        busy.go.add_permits(1);
        alone.await.unwrap();
        other.await.unwrap();
    }

    #[tokio::test]
    async fn what_waits_for_permits_at_the_end_is_not_begun() {
        let (busy, consumer, permits) = consumer(1);
        let (acks, shutdown) = (Acks::new(), CancellationToken::new());
        consumer.start(delivery(), 1, &acks, &permits, &shutdown).await.unwrap();
        shutdown.cancel();
        assert!(consumer.start(delivery(), 1, &acks, &permits, &shutdown).await.is_none());
        busy.go.add_permits(1);
        idle(&permits, 1).await;
    }
}

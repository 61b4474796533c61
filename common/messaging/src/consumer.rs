//! The loop that drives a work queue. A handler returns an [`Outcome`]. The loop decides about retries,
//! parking and draining, and records metrics and traces, in the same way for all workers.

use crate::{
    acks::Acks,
    connection::Broker,
    declaring::Part,
    delivery::{self, Envelope},
    error::{BROKER_TIMEOUT, BrokerError, bounded},
    idle::{self, End, IDLE_TIMEOUT},
    outcome::Outcome,
    publisher::{Outgoing, Publisher, Verdict},
    quarantine::{self, Intake},
    retry_in_place::{MAX_HOLD, Progress, handle_with_retries},
    topology::{RETRY_LADDER, WorkQueue},
};
use chrono::Utc;
use contract::events::{DecodeError, Incoming};
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

/// How long one try of a handler may take. The handler's calls to peers have shorter limits. This limit
/// is for calls without one, such as a query to a database whose packets vanish.
const TRY_TIMEOUT: Duration = Duration::from_mins(1);

/// The work that a worker does for an event. It must be idempotent. An event may be delivered more than
/// once, and the worker may handle two of these deliveries at the same time.
pub trait Handler: Send + Sync + 'static {
    /// The events of the queue.
    type Event: Incoming;

    /// Handles one event. If it takes too long, the future is dropped, as in a crash.
    fn handle(&self, event: Self::Event) -> impl Future<Output = Outcome> + Send;
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
    /// A consumer that handles up to `prefetch` messages at a time. It forwards messages to the retry
    /// ladder and to parking with `publisher`.
    pub fn new(queue: &'static WorkQueue, prefetch: u16, publisher: Publisher, handler: H) -> Self {
        Self(Arc::new(Inner { queue, prefetch, publisher, handler, progress: Progress::default() }))
    }

    /// Consumes until shutdown and reconnects when the connection is lost. Before it returns, all held
    /// deliveries are finished.
    pub async fn run(self, broker: Broker, gate: Gate, shutdown: CancellationToken) -> TaskResult {
        // Invariant: each delivery in a handler holds at least one of the `prefetch` permits. This includes
        // deliveries of earlier connections. The consumer is idle when all permits are free.
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
        all_free(&permits, self.0.prefetch).await;
        Ok(())
    }

    /// Consumes on one connection. Returns `Ok` at shutdown, when no delivery is held any more.
    async fn session(
        self,
        connection: Arc<Connection>,
        mut channel: Channel,
        permits: Arc<Semaphore>,
        gate: Gate,
        shutdown: CancellationToken,
    ) -> Result<(), BrokerError> {
        while self.consume(&channel, &permits, &gate, &shutdown).await? == End::Idle {
            channel = idle::reopen(&connection, channel).await?;
        }
        all_free(&permits, self.0.prefetch).await;
        bounded(connection.close(200, "drained".into())).await
    }

    /// Consumes on one channel. When it returns [`End::Idle`], all deliveries of the channel are answered.
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
                    return Ok(End::Idle);
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
        // Deliveries that were not begun go back to the queue when the connection closes.
        intake.cancel().await?;
        Ok(End::Shutdown)
    }

    /// The next delivery. `None` if the consumer is idle: no delivery came, and none is being handled.
    async fn next(
        &self,
        intake: &mut Intake<'_>,
        permits: &Semaphore,
    ) -> Result<Option<Delivery>, BrokerError> {
        loop {
            match timeout(IDLE_TIMEOUT, intake.next()).await {
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

    /// Waits for the permits of a delivery, then starts to handle it. A suspect must be alone, so it needs
    /// all permits. Other deliveries need one permit. Returns `None` at shutdown.
    ///
    /// The broker sends at most `prefetch` deliveries without an answer. So a delivery that needs one
    /// permit waits only for deliveries of earlier connections. Only this loop waits for permits, and it
    /// holds none itself. So there is no deadlock.
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
            let is_connected = || delivery.acker.usable();
            let handle = || self.outcome(&delivery);
            let outcome =
                handle_with_retries(&self.0.progress, MAX_HOLD, &shutdown, is_connected, handle).await?;
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
        // Acknowledged last. A delivery without an outcome goes back to the queue when the connection closes.
        if outcome.is_some() {
            acks.done(delivery, permit);
        }
    }

    async fn outcome(&self, delivery: &Delivery) -> Outcome {
        crash::point_with("consumer.delivered", &delivery.data);
        let event = match H::Event::read(Envelope::of(delivery).kind(), &delivery.data) {
            Ok(event) => event,
            Err(error @ DecodeError::LaterSchema { .. }) => return Outcome::Postpone(error.to_string()),
            Err(error) => return Outcome::Park(error.to_string()),
        };
        if let Some(order) = event.order_id() {
            trace::record_order(order);
        }
        // A panic must not leave the delivery unanswered. Its permit would be free again, but the broker
        // would wait for the answer until the connection ends.
        let handled = AssertUnwindSafe(self.0.handler.handle(event)).catch_unwind();
        match timeout(TRY_TIMEOUT, handled).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Outcome::Retry("the handler panicked".to_owned()),
            Err(_) => Outcome::Retry(format!("the handler did not finish within {TRY_TIMEOUT:?}")),
        }
    }

    /// Applies the outcome before the delivery is acknowledged: forwards a message that is not done.
    /// Returns false if the delivery must not be acknowledged.
    async fn settle(&self, delivery: &Delivery, outcome: Outcome) -> bool {
        let queue = self.0.queue.name;
        let forward = match outcome {
            Outcome::Done => None,
            Outcome::Retry(reason) => match RETRY_LADDER.get(Envelope::of(delivery).attempt()) {
                Some(step) => {
                    tracing::warn!(reason, delay = ?step.delay, "retrying later");
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
                None => Some(park(delivery, queue, &format!("no newer release came: {reason}"))),
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

    /// Publishes a message to the retry ladder or to parking, and retries until the broker confirms it.
    /// Returns false if the connection of the delivery is lost before that. The message is then in its
    /// queue again.
    async fn forward(&self, delivery: &Delivery, message: Outgoing) -> bool {
        let mut delays = backoff::reconnecting();
        while delivery.acker.usable() {
            let reason = match self.0.publisher.publish(message.clone()).await {
                Ok(Verdict::Confirmed) => return true,
                Ok(verdict) => format!("{verdict:?}"),
                Err(error) => error.to_string(),
            };
            tracing::warn!(reason, exchange = message.exchange, "cannot forward a message yet; retrying");
            tokio::time::sleep(delays.next().unwrap_or(BROKER_TIMEOUT)).await;
        }
        false
    }
}

fn park(delivery: &Delivery, queue: &'static str, reason: &str) -> Outgoing {
    tracing::error!(reason, "parked; see the queue `parking`");
    delivery::parked(delivery, queue, reason)
}

/// Waits until no delivery is being handled.
async fn all_free(permits: &Semaphore, prefetch: u16) {
    drop(permits.acquire_many(u32::from(prefetch)).await);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{connection::BrokerOptions, topology::ORDER_PROCESSOR};
    use contract::events::OrderEvent;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const EVENT: &str = r#"{"id":"01900000-0000-7000-8000-000000000001","schema":1,"order_id":"01900000-0000-7000-8000-000000000002","user_id":"01900000-0000-7000-8000-000000000003","version":4,"status":"completed","at":"2026-01-02T03:04:05Z","type":"order_completed","data":{}}"#;

    /// Counts the events that it handles at the same time. Each one waits for a permit of the test.
    struct BlockingHandler {
        running: AtomicUsize,
        finish: Semaphore,
    }

    impl Handler for Arc<BlockingHandler> {
        type Event = OrderEvent;

        async fn handle(&self, _: OrderEvent) -> Outcome {
            self.running.fetch_add(1, Ordering::SeqCst);
            self.finish.acquire().await.unwrap().forget();
            self.running.fetch_sub(1, Ordering::SeqCst);
            Outcome::Done
        }
    }

    impl Default for BlockingHandler {
        fn default() -> Self {
            Self { running: AtomicUsize::new(0), finish: Semaphore::new(0) }
        }
    }

    impl BlockingHandler {
        async fn runs(&self, count: usize) {
            while self.running.load(Ordering::SeqCst) != count {
                tokio::task::yield_now().await;
            }
        }
    }

    fn delivery() -> Delivery {
        Delivery::mock(1, "orders".into(), "order_completed".into(), false, EVENT.into())
    }

    fn consumer(prefetch: u16) -> (Arc<BlockingHandler>, Consumer<Arc<BlockingHandler>>, Arc<Semaphore>) {
        let amqp_url = "amqp://127.0.0.1".parse().unwrap();
        let publisher = Publisher::new(&Broker::new(&BrokerOptions { amqp_url }, "test"));
        let handler = Arc::new(BlockingHandler::default());
        let consumer = Consumer::new(&ORDER_PROCESSOR, prefetch, publisher, Arc::clone(&handler));
        (handler, consumer, Arc::new(Semaphore::new(prefetch.into())))
    }

    #[tokio::test]
    async fn a_quarantined_message_is_handled_alone() {
        let (handler, consumer, permits) = consumer(3);
        let (acks, shutdown) = (Acks::new(), CancellationToken::new());
        for _ in 0..2 {
            consumer.start(delivery(), 1, &acks, &permits, &shutdown).await.unwrap();
        }
        let mut alone = Box::pin(consumer.start(delivery(), 3, &acks, &permits, &shutdown));
        handler.runs(2).await;
        assert!((&mut alone).now_or_never().is_none());
        handler.finish.add_permits(2);
        let alone = alone.await.unwrap();
        handler.runs(1).await;
        let mut other = Box::pin(consumer.start(delivery(), 1, &acks, &permits, &shutdown));
        assert!((&mut other).now_or_never().is_none());
        handler.finish.add_permits(1);
        alone.await.unwrap();
        other.await.unwrap();
    }

    #[tokio::test]
    async fn a_delivery_that_waits_for_permits_at_shutdown_is_not_started() {
        let (handler, consumer, permits) = consumer(1);
        let (acks, shutdown) = (Acks::new(), CancellationToken::new());
        consumer.start(delivery(), 1, &acks, &permits, &shutdown).await.unwrap();
        shutdown.cancel();
        assert!(consumer.start(delivery(), 1, &acks, &permits, &shutdown).await.is_none());
        handler.finish.add_permits(1);
        all_free(&permits, 1).await;
    }
}

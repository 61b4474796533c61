//! The relay: publishes committed events, and deletes them from the outbox after the broker's confirm.
//!
//! A service gives each committed event to the relay in memory (see [`Handover`]). Every second, a sweep of the outbox
//! finds events that were not published in time, because a replica died or the broker was unavailable. Any
//! number of relays may run.

use crate::{
    delivery,
    publisher::{Outgoing, PublishError, Publisher, Verdict},
};
use clap::Args;
use contract::events::Event;
use runtime::{backoff, crash, lifecycle::TaskResult, outage::Outage};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use storage::outbox::{Claimed, Outbox, Publication, StoredEvent, Unpublished};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The largest number of events that wait for the relay. The sweep publishes events that do not fit.
const QUEUE_CAPACITY: usize = 4096;
/// The largest number of events per round.
const BATCH: usize = 256;
/// The largest age of an event from memory. A sweep publishes older events, because another relay may claim
/// them when the lease of their commit ends; see [`storage::outbox`].
const MAX_AGE: Duration = Duration::from_secs(4);
/// While the service is busy, the relay pauses after a full round, for up to this many times the duration of
/// the round. The waiting events are as durable in the outbox as in the broker's queues, and the workers
/// already have enough work.
const PAUSES: u32 = 3;
/// The time between two sweeps.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// The options of the relay.
#[derive(Args, Clone, Copy, Debug)]
pub struct RelayOptions {
    /// The time in seconds after which another relay may claim events that a sweep has claimed and not
    /// published. Publishing takes at most 10 seconds. With a shorter time, events are often published twice.
    #[arg(long, env = "RELAY_LEASE_SECONDS", default_value = "30", value_parser = clap::value_parser!(u32).range(1..))]
    pub relay_lease_seconds: u32,
}

/// Hands committed events over to the relay of this process. Cheap to clone.
#[derive(Debug)]
pub struct Handover<E>(Sender<Committed<E>>);

impl<E> Clone for Handover<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// The receiver of these events, for [`Relay::new`].
#[derive(Debug)]
pub struct Handed<E>(Receiver<Committed<E>>);

/// An event that was just committed.
#[derive(Debug)]
struct Committed<E> {
    at: Instant,
    event: Unpublished<E>,
}

/// A queue of committed events in memory.
#[must_use]
pub fn handover<E>() -> (Handover<E>, Handed<E>) {
    let (sender, receiver) = mpsc::channel(QUEUE_CAPACITY);
    (Handover(sender), Handed(receiver))
}

impl<E: Event> Handover<E> {
    /// Must be called after each commit, even if the client has disconnected. An event that does not fit into
    /// the queue remains in the outbox.
    pub fn committed(&self, event: Unpublished<E>) {
        drop(self.0.try_send(Committed { at: Instant::now(), event }));
    }
}

/// Publishes the events of a service to its exchange.
pub struct Relay<E> {
    exchange: &'static str,
    outbox: Outbox,
    publisher: Arc<Publisher>,
    handed: Receiver<Committed<E>>,
    is_busy: Box<dyn Fn() -> bool + Send + Sync>,
    deleting: TaskTracker,
    lease: Duration,
}

/// Why a round failed. The events remain in the outbox, so none is lost.
#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("broker: {0}")]
    Publish(#[from] PublishError),
    #[error("the broker confirmed {confirmed} of {sent} events")]
    Incomplete { confirmed: usize, sent: usize },
    #[error("not finished before the lease ended")]
    TooSlow,
}

/// A failed round and its unconfirmed events.
struct Failed {
    error: RelayError,
    unconfirmed: Vec<Publication>,
}

impl<E: Event> Relay<E> {
    /// A relay from the outbox to this exchange, which the publisher must declare.
    #[must_use]
    pub fn new(
        exchange: &'static str,
        outbox: Outbox,
        publisher: Arc<Publisher>,
        handed: Handed<E>,
        options: RelayOptions,
    ) -> Self {
        let lease = Duration::from_secs(options.relay_lease_seconds.into());
        let (handed, deleting) = (handed.0, TaskTracker::new());
        Self { exchange, outbox, publisher, handed, is_busy: Box::new(|| false), deleting, lease }
    }

    /// Makes the relay pause after each full round while the service has more important work.
    #[must_use]
    pub fn pausing_while(self, is_busy: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self { is_busy: Box::new(is_busy), ..self }
    }

    /// Publishes events until `quiet` is cancelled. No more events are committed from then on. Then publishes
    /// the last ones.
    pub async fn run(mut self, quiet: CancellationToken) -> TaskResult {
        let mut delays = backoff::reconnecting();
        let mut outage = Outage::default();
        let mut sweeps = interval(SWEEP_INTERVAL);
        sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(BATCH);
        while !quiet.is_cancelled() {
            let begun;
            let round = tokio::select! {
                // It ends with the last `Handover`. The sweep then finds all events.
                received = self.handed.recv_many(&mut batch, BATCH), if !self.handed.is_closed() => {
                    begun = Instant::now();
                    if received == 0 {
                        continue;
                    }
                    self.publish_fresh(&mut batch).await
                }
                _ = sweeps.tick() => {
                    begun = Instant::now();
                    let swept = self.sweep().await;
                    if matches!(swept, Ok(BATCH)) {
                        sweeps.reset_immediately();
                    }
                    swept
                }
                () = quiet.cancelled() => break,
            };
            match round {
                Ok(published) => {
                    // An empty round does not show that the broker works again.
                    if published > 0 && outage.end() {
                        tracing::info!("relay publishes again");
                        delays = backoff::reconnecting();
                    }
                    if published == BATCH {
                        self.pause(begun.elapsed().min(SWEEP_INTERVAL)).await;
                    }
                }
                Err(error) => {
                    let reason = error.to_string();
                    if outage.has_new_reason(&reason) {
                        tracing::warn!(error = reason, "relay waits");
                    }
                    tokio::select! {
                        () = sleep(delays.next().unwrap_or(SWEEP_INTERVAL)) => {}
                        () = quiet.cancelled() => {}
                    }
                }
            }
        }
        self.publish_last(batch).await;
        self.deleting.close();
        self.deleting.wait().await;
        Ok(())
    }

    /// Publishes the remaining events. If that fails, they remain in the outbox. A sweep by another replica
    /// or after the next start publishes them.
    async fn publish_last(&mut self, mut batch: Vec<Committed<E>>) {
        self.handed.close();
        while self.handed.recv_many(&mut batch, BATCH).await > 0 {
            if let Err(error) = self.publish_fresh(&mut batch).await {
                tracing::warn!(%error, "the last events are left to another relay");
                break;
            }
        }
    }

    async fn pause(&self, step: Duration) {
        for _ in 0..PAUSES {
            if (self.is_busy)() {
                sleep(step).await;
            }
        }
    }

    /// Publishes events that were just committed, and empties `batch`. Returns the number of published
    /// events.
    async fn publish_fresh(&self, batch: &mut Vec<Committed<E>>) -> Result<usize, RelayError> {
        let fresh = batch.drain(..).filter(|committed| committed.at.elapsed() < MAX_AGE);
        let messages = fresh.filter_map(
            |Committed { event: Unpublished { publication, event, traceparent }, .. }| match StoredEvent::of(
                &*event,
                traceparent,
            ) {
                Ok(stored) => Some((publication, self.message(stored))),
                Err(error) => {
                    tracing::error!(%publication, %error, "cannot encode an event");
                    None
                }
            },
        );
        self.publish(messages.collect()).await.map_err(|failed| failed.error)
    }

    fn message(&self, stored: StoredEvent) -> Outgoing {
        delivery::message(stored, self.exchange, self.publisher.app())
    }

    /// Publishes events that no relay has published in time. Returns their number.
    async fn sweep(&self) -> Result<usize, RelayError> {
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        // Without a timeout, this would wait forever if the network drops all packets of the database.
        let claiming = timeout(self.lease, self.outbox.claim(limit, self.lease));
        let claimed = claiming.await.map_err(|_| RelayError::TooSlow)??;
        if claimed.is_empty() {
            self.count_backlog().await;
        }
        let messages = claimed.into_iter().filter_map(|Claimed { publication, stored }| {
            if stored.is_none() {
                // The event remains in the outbox and is reported again after the lease.
                tracing::error!(%publication, "the stored event has no `type`; correct its row");
            }
            Some((publication, self.message(stored?)))
        });
        match self.publish_again(messages.collect()).await {
            Ok(published) => Ok(published),
            Err(Failed { error, unconfirmed }) => {
                // If this also fails, the lease ends by itself.
                match timeout(SWEEP_INTERVAL, self.outbox.release(&unconfirmed)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::debug!(%error, "cannot release a lease"),
                    Err(_) => tracing::debug!("cannot release a lease: PostgreSQL does not answer"),
                }
                Err(error)
            }
        }
    }

    /// Publishes events whose first publication may be lost. Declares the topology first, because they would
    /// be lost again if a binding is missing.
    async fn publish_again(&self, events: Vec<(Publication, Outgoing)>) -> Result<usize, Failed> {
        if !events.is_empty()
            && let Err(error) = self.publisher.declare().await
        {
            let unconfirmed = events.into_iter().map(|(publication, _)| publication).collect();
            return Err(Failed { error: error.into(), unconfirmed });
        }
        self.publish(events).await
    }

    /// Publishes events, awaits all confirms, and deletes confirmed events from the outbox. Returns the
    /// number of confirmed events.
    async fn publish(&self, events: Vec<(Publication, Outgoing)>) -> Result<usize, Failed> {
        if events.is_empty() {
            return Ok(0);
        }
        let (publications, messages): (Vec<_>, Vec<_>) = events.into_iter().unzip();
        let verdicts = match self.publisher.publish_all(&messages).await {
            Ok(verdicts) => verdicts,
            Err(error) => return Err(Failed { error: error.into(), unconfirmed: publications }),
        };
        crash::point("relay.confirmed");
        let sent = publications.len();
        let (confirmed, unconfirmed) = split(publications, &verdicts);
        let count = confirmed.len();
        self.delete(confirmed);
        metrics::counter!("events_published_total").increment(u64::try_from(count).unwrap_or_default());
        if unconfirmed.is_empty() {
            Ok(count)
        } else {
            Err(Failed { error: RelayError::Incomplete { confirmed: count, sent }, unconfirmed })
        }
    }

    /// Deletes confirmed events from the outbox in the background. If this fails, they are published again.
    fn delete(&self, confirmed: Vec<Publication>) {
        let outbox = self.outbox.clone();
        self.deleting.spawn(async move {
            if let Err(error) = outbox.delete(confirmed).await {
                tracing::debug!(%error, "published events remain in the outbox and will be published again");
            }
        });
    }

    /// Updates the gauge of the backlog. Called only when there is nothing to publish.
    async fn count_backlog(&self) {
        if let Ok(count) = self.outbox.backlog().await {
            #[expect(clippy::cast_precision_loss, reason = "a gauge")]
            metrics::gauge!("events_unpublished").set(count as f64);
        }
    }
}

/// Splits the publications into confirmed and unconfirmed ones.
fn split(publications: Vec<Publication>, verdicts: &[Verdict]) -> (Vec<Publication>, Vec<Publication>) {
    let (confirmed, others): (Vec<_>, Vec<_>) =
        publications.into_iter().zip(verdicts).partition(|(_, verdict)| **verdict == Verdict::Confirmed);
    let alone =
        |pairs: Vec<(Publication, &Verdict)>| pairs.into_iter().map(|(publication, _)| publication).collect();
    (alone(confirmed), alone(others))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        connection::{Broker, BrokerOptions},
        topology::ORDERS,
    };
    use contract::{
        events::{Change, OrderEvent, SCHEMA},
        ids::{EventId, OrderId, UserId},
        orders::OrderStatus,
    };
    use sqlx::{AssertSqlSafe, PgPool};
    use storage::outbox::Tables;

    const TABLES: Tables = Tables { events: "order_events", subject: "order_id" };
    const LEASE: Duration = Duration::from_mins(1);

    fn event() -> OrderEvent {
        OrderEvent {
            id: EventId::new(),
            schema: SCHEMA,
            order_id: OrderId::new(),
            user_id: UserId::new(),
            version: 1,
            status: OrderStatus::Completed,
            at: chrono::Utc::now(),
            change: Change::Completed {},
        }
    }

    async fn outbox(db: &PgPool) -> Outbox {
        let tables = include_str!("../../storage/src/outbox.sql").replace("parcel", "order");
        sqlx::raw_sql(AssertSqlSafe(tables)).execute(db).await.unwrap();
        Outbox::new(db, TABLES)
    }

    /// Stores an event whose lease has ended.
    async fn store(db: &PgPool, body: &str) {
        let row = sqlx::query(
            "WITH event AS (INSERT INTO order_events (id, order_id, version, body) \
                 VALUES ($1, $1, 1, $2::json) RETURNING order_id, version) \
             INSERT INTO outbox (order_id, version, leased_until) SELECT order_id, version, now() FROM event",
        );
        row.bind(EventId::new().uuid()).bind(body).execute(db).await.unwrap();
    }

    /// A relay whose broker does not answer.
    fn relay(outbox: Outbox) -> (Handover<OrderEvent>, Relay<OrderEvent>) {
        let options = BrokerOptions { amqp_url: "amqp://127.0.0.1:1".parse().unwrap() };
        let publisher = Arc::new(Publisher::new(&Broker::new(&options, "test")));
        let (handover, handed) = handover();
        let options = RelayOptions { relay_lease_seconds: 60 };
        (handover, Relay::new(ORDERS, outbox, publisher, handed, options))
    }

    #[sqlx::test]
    async fn a_failed_sweep_gives_its_events_back(db: PgPool) {
        let outbox = outbox(&db).await;
        let (_handover, relay) = relay(outbox.clone());
        assert_eq!(relay.sweep().await.unwrap(), 0, "without events, the broker is not needed");
        store(&db, &serde_json::to_string(&event()).unwrap()).await;
        let failed = relay.sweep().await.unwrap_err();
        assert!(matches!(failed, RelayError::Publish(_)), "{failed}");
        assert_eq!(outbox.claim(10, LEASE).await.unwrap().len(), 1, "another relay can publish it at once");
    }

    #[sqlx::test]
    async fn an_event_without_a_name_stays_in_the_outbox(db: PgPool) {
        let outbox = outbox(&db).await;
        let (_handover, relay) = relay(outbox.clone());
        store(&db, "[]").await;
        assert_eq!(relay.sweep().await.unwrap(), 0, "it is not published");
        assert_eq!(outbox.backlog().await.unwrap(), 1);
        assert!(outbox.claim(10, LEASE).await.unwrap().is_empty(), "its lease has not ended");
    }

    #[sqlx::test]
    async fn an_event_is_published_from_memory_only_while_its_lease_is_safe(db: PgPool) {
        let (_handover, relay) = relay(outbox(&db).await);
        let committed = |age| Committed {
            at: Instant::now().checked_sub(age).unwrap(),
            event: Unpublished::new(event(), None),
        };
        let mut late = vec![committed(MAX_AGE), committed(MAX_AGE * 2)];
        assert_eq!(relay.publish_fresh(&mut late).await.unwrap(), 0, "left to the sweep");
        assert!(late.is_empty());
        let mut batch = vec![committed(MAX_AGE), committed(Duration::ZERO)];
        let failed = relay.publish_fresh(&mut batch).await.unwrap_err();
        assert!(matches!(failed, RelayError::Publish(_)), "{failed}");
    }

    #[sqlx::test]
    async fn a_full_queue_delays_nobody_and_the_relay_ends(db: PgPool) {
        let (handover, relay) = relay(outbox(&db).await);
        for _ in 0..=QUEUE_CAPACITY {
            handover.committed(Unpublished::new(event(), None));
        }
        let quiet = CancellationToken::new();
        quiet.cancel();
        relay.run(quiet).await.unwrap();
    }

    #[test]
    fn only_confirmed_publications_are_deleted() {
        let publications: Vec<_> = (0..4).map(|_| Unpublished::new(event(), None).publication).collect();
        let verdicts = [Verdict::Confirmed, Verdict::Refused, Verdict::Unanswered, Verdict::Unroutable];
        let (confirmed, unconfirmed) = split(publications.clone(), &verdicts);
        assert_eq!((confirmed.as_slice(), unconfirmed.as_slice()), publications.split_at(1));
    }
}

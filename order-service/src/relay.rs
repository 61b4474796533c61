//! The relay: publishes the events that are committed, and takes them off the outbox once the broker has them.
//!
//! What this replica has just committed is handed over in memory. What nobody has published in time, because a
//! replica died or the broker was away, a sweep finds in the outbox every second. Any number of relays may run.

use crate::{
    db::{
        outbox::{self, Published, Unpublished},
        placements::Placement,
    },
    push::hub::Hub,
};
use clap::Args;
use common::{
    amqp::{
        delivery::event_message,
        publisher::{PublishError, Publisher, Verdict},
    },
    backoff, crash,
    database::group_commit::GroupCommit,
    lifecycle::TaskResult,
};
use sqlx::PgPool;
use std::time::{Duration, Instant};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Events a round.
const BATCH: usize = 256;
/// Events that may wait to be published; more are left to the sweep.
const WAITING: usize = 4096;
/// What has waited for longer is left to the sweep, which may take it when the lease of its commit ends; see
/// `outbox.leased_until`.
const FRESH: Duration = Duration::from_secs(4);
/// After a round that was full there is none for up to as many times as long as it took, while customers wait to place
/// orders: they come first. What waits to be published is as durable here as in the broker's queues, where nobody could
/// work on so much yet.
const RESTS: u32 = 3;
/// How often to sweep.
const POLL: Duration = Duration::from_secs(1);

/// How to relay.
#[derive(Args, Clone, Copy)]
pub(crate) struct RelayOptions {
    /// Seconds after which the events that a sweep has taken, and that are not known to be published, are free for
    /// another relay. Publishing them takes 10 at most; with less, events are often published twice.
    #[arg(long, env = "RELAY_LEASE_SECONDS", default_value = "30", value_parser = clap::value_parser!(u32).range(1..))]
    relay_lease_seconds: u32,
}

/// Publishes events to the broker.
pub(crate) struct Relay {
    db: PgPool,
    publisher: Publisher,
    committed: Receiver<Committed>,
    placements: GroupCommit<Placement>,
    published: GroupCommit<Published>,
    marking: TaskTracker,
    lease: Duration,
}

struct Committed {
    at: Instant,
    event: Unpublished,
}

/// Takes events to the relay of this replica, and to its sockets. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Handover {
    relay: Sender<Committed>,
    hub: Hub,
}

/// Where events are handed over, and where the relay finds them.
pub(crate) struct Handed(Receiver<Committed>);

/// The way to a relay, past the sockets in `hub`.
pub(crate) fn handover(hub: Hub) -> (Handover, Handed) {
    let (relay, receiver) = mpsc::channel(WAITING);
    (Handover { relay, hub }, Handed(receiver))
}

impl Handover {
    /// To be called after the commit. An event that finds no place is in the outbox all the same.
    pub(crate) fn committed(&self, event: Unpublished) {
        // The sockets of this replica need not wait for the broker, and pass over what it then tells them once more.
        self.hub.publish(&event.event);
        drop(self.relay.try_send(Committed { at: Instant::now(), event }));
    }
}

/// Why a round failed. Nothing is lost: the events stay in the outbox.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RelayError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("broker: {0}")]
    Publish(#[from] PublishError),
    #[error("cannot write an event: {0}")]
    Encode(#[from] serde_json::Error),
    #[error("the broker took {confirmed} of {sent} events")]
    Incomplete { confirmed: usize, sent: usize },
    #[error("not done before the lease ended")]
    TooSlow,
}

impl Relay {
    pub(crate) fn new(
        db: PgPool,
        publisher: Publisher,
        handed: Handed,
        placements: GroupCommit<Placement>,
        options: RelayOptions,
    ) -> Self {
        Self {
            published: GroupCommit::to(&db),
            db,
            publisher,
            committed: handed.0,
            placements,
            marking: TaskTracker::new(),
            lease: Duration::from_secs(options.relay_lease_seconds.into()),
        }
    }

    /// Publishes until the process is to end.
    pub(crate) async fn run(mut self, shutdown: CancellationToken) -> TaskResult {
        let mut delays = backoff::reconnecting();
        let mut failing = false;
        let mut sweeps = interval(POLL);
        sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(BATCH);
        while !shutdown.is_cancelled() {
            let begun;
            let round = tokio::select! {
                _ = self.committed.recv_many(&mut batch, BATCH) => {
                    begun = Instant::now();
                    let fresh = batch.drain(..).filter(|committed| committed.at.elapsed() < FRESH);
                    let fresh: Vec<_> = fresh.map(|committed| committed.event).collect();
                    self.publish(fresh).await
                }
                _ = sweeps.tick() => {
                    begun = Instant::now();
                    let swept = self.sweep().await;
                    if matches!(swept, Ok(BATCH)) {
                        sweeps.reset_immediately();
                    }
                    swept
                }
                () = shutdown.cancelled() => break,
            };
            match round {
                Ok(published) => {
                    // Finding nothing to publish does not say that it could be.
                    if failing && published > 0 {
                        tracing::info!("relay publishes again");
                        failing = false;
                        delays = backoff::reconnecting();
                    }
                    if published == BATCH {
                        self.rest(begun.elapsed().min(POLL)).await;
                    }
                }
                Err(error) => {
                    if !failing {
                        tracing::warn!(%error, "relay waits");
                        failing = true;
                    }
                    tokio::select! {
                        () = sleep(delays.next().unwrap_or(POLL)) => {}
                        () = shutdown.cancelled() => {}
                    }
                }
            }
        }
        self.marking.close();
        self.marking.wait().await;
        Ok(())
    }

    async fn rest(&self, step: Duration) {
        for _ in 0..RESTS {
            if self.placements.waiting() > 0 {
                sleep(step).await;
            }
        }
    }

    /// Publishes events that nobody has published in time. Returns how many.
    async fn sweep(&self) -> Result<usize, RelayError> {
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        // A database whose packets vanish would let this wait for ever.
        let claiming = timeout(self.lease, outbox::claim(&self.db, limit, self.lease));
        let events = claiming.await.map_err(|_| RelayError::TooSlow)??;
        if events.is_empty() {
            self.count_backlog().await;
        }
        let tellings: Vec<_> = events.iter().map(|event| event.telling).collect();
        let published = self.publish(events).await;
        if published.is_err() {
            // Should this fail too, the lease ends by itself.
            match timeout(POLL, outbox::release(&self.db, &tellings)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "cannot give back a lease"),
                Err(_) => tracing::debug!("cannot give back a lease: PostgreSQL is silent"),
            }
        }
        published
    }

    /// Publishes events, awaits all confirms, and has those that were confirmed taken off the outbox. Returns how many.
    async fn publish(&self, events: Vec<Unpublished>) -> Result<usize, RelayError> {
        if events.is_empty() {
            return Ok(0);
        }
        let messages = events
            .iter()
            .map(|Unpublished { event, traceparent, .. }| {
                event_message(event, traceparent.as_deref(), self.publisher.app())
            })
            .collect::<Result<Vec<_>, _>>()?;
        let verdicts = self.publisher.publish_all(&messages).await?;
        crash::point("relay.confirmed");
        let confirmed: Vec<_> = events
            .iter()
            .zip(verdicts)
            .filter(|(_, verdict)| *verdict == Verdict::Confirmed)
            .map(|(unpublished, _)| unpublished.telling)
            .collect();
        let count = confirmed.len();
        self.mark(confirmed);
        metrics::counter!("events_published_total").increment(u64::try_from(count).unwrap_or_default());
        if count < events.len() {
            return Err(RelayError::Incomplete { confirmed: count, sent: events.len() });
        }
        Ok(count)
    }

    /// Not waited for: the next events go out meanwhile. Should it fail, these are published once more.
    fn mark(&self, confirmed: Vec<outbox::Telling>) {
        let published = self.published.clone();
        self.marking.spawn(async move {
            if let Err(error) = published.write(Published(confirmed)).await {
                tracing::debug!(%error, "events that are published stay in the outbox");
            }
        });
    }

    /// For the dashboards; counted when there is nothing else to do.
    async fn count_backlog(&self) {
        if let Ok(count) = outbox::backlog(&self.db).await {
            #[expect(clippy::cast_precision_loss, reason = "a gauge")]
            metrics::gauge!("events_unpublished").set(count as f64);
        }
    }
}

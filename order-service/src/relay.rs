//! The relay: publishes committed events, and deletes them from the outbox after the broker's confirm.
//!
//! The relay receives the events of its own replica in memory. Every second, a sweep of the outbox finds
//! events that were not published in time, because a replica died or the broker was unavailable. Any number
//! of relays may run.

use crate::{
    db::{
        outbox::{self, Published, Telling, Unpublished},
        placements::Placement,
    },
    handover::{Committed, Handed},
};
use clap::Args;
use messaging::{
    delivery::StoredEvent,
    publisher::{Outgoing, PublishError, Publisher, Verdict},
};
use runtime::{backoff, crash, lifecycle::TaskResult, outage::Outage};
use sqlx::PgPool;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use storage::group_commit::GroupCommit;
use tokio::{
    sync::mpsc::Receiver,
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The largest number of events per round.
const BATCH: usize = 256;
/// The largest age of an event from memory. A sweep publishes older events, because another relay may claim
/// them when the lease of their commit ends; see `outbox.leased_until`.
const MAX_AGE: Duration = Duration::from_secs(4);
/// While customers wait to place orders, the relay pauses after a full round, for up to this many times the
/// duration of the round. Placing orders has priority. The waiting events are as durable in the outbox as in
/// the broker's queues, and the workers already have enough work.
const PAUSES: u32 = 3;
/// The time between two sweeps.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// The options of the relay.
#[derive(Args, Clone, Copy)]
pub(crate) struct RelayOptions {
    /// The time in seconds after which another relay may claim events that a sweep has claimed and not
    /// published. Publishing takes at most 10 seconds. With a shorter time, events are often published twice.
    #[arg(long, env = "RELAY_LEASE_SECONDS", default_value = "30", value_parser = clap::value_parser!(u32).range(1..))]
    relay_lease_seconds: u32,
}

/// Publishes events to the broker.
pub(crate) struct Relay {
    db: PgPool,
    publisher: Arc<Publisher>,
    committed: Receiver<Committed>,
    placements: GroupCommit<Placement>,
    published: GroupCommit<Published>,
    marking: TaskTracker,
    lease: Duration,
}

/// Why a round failed. The events remain in the outbox, so none is lost.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RelayError {
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
    unconfirmed: Vec<Telling>,
}

impl Relay {
    pub(crate) fn new(
        db: PgPool,
        publisher: Arc<Publisher>,
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

    /// Publishes events until `quiet` is cancelled. No more events are committed from then on. Then publishes
    /// the last ones.
    pub(crate) async fn run(mut self, quiet: CancellationToken) -> TaskResult {
        let mut delays = backoff::reconnecting();
        let mut outage = Outage::default();
        let mut sweeps = interval(SWEEP_INTERVAL);
        sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(BATCH);
        while !quiet.is_cancelled() {
            let begun;
            let round = tokio::select! {
                _ = self.committed.recv_many(&mut batch, BATCH) => {
                    begun = Instant::now();
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
        self.marking.close();
        self.marking.wait().await;
        Ok(())
    }

    /// Publishes the remaining events. If that fails, they remain in the outbox. A sweep by another replica
    /// or after the next start publishes them.
    async fn publish_last(&mut self, mut batch: Vec<Committed>) {
        self.committed.close();
        while self.committed.recv_many(&mut batch, BATCH).await > 0 {
            if let Err(error) = self.publish_fresh(&mut batch).await {
                tracing::warn!(%error, "the last events are left to another relay");
                break;
            }
        }
    }

    async fn pause(&self, step: Duration) {
        for _ in 0..PAUSES {
            if self.placements.waiting() > 0 {
                sleep(step).await;
            }
        }
    }

    /// Publishes events that were just committed, and empties `batch`. Returns the number of published
    /// events.
    async fn publish_fresh(&self, batch: &mut Vec<Committed>) -> Result<usize, RelayError> {
        let fresh = batch.drain(..).filter(|committed| committed.at.elapsed() < MAX_AGE);
        let messages =
            fresh.filter_map(|Committed { event: Unpublished { telling, event, traceparent }, .. }| {
                match StoredEvent::of(&event, traceparent) {
                    Ok(stored) => Some((telling, stored.into_message(self.publisher.app()))),
                    Err(error) => {
                        tracing::error!(%telling, %error, "cannot encode an event");
                        None
                    }
                }
            });
        self.publish(messages.collect()).await.map_err(|failed| failed.error)
    }

    /// Publishes events that no relay has published in time. Returns their number.
    async fn sweep(&self) -> Result<usize, RelayError> {
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        // Without a timeout, this would wait forever if the network drops all packets of the database.
        let claiming = timeout(self.lease, outbox::claim(&self.db, limit, self.lease));
        let claimed = claiming.await.map_err(|_| RelayError::TooSlow)??;
        if claimed.is_empty() {
            self.count_backlog().await;
        }
        let messages = claimed.into_iter().filter_map(|outbox::Claimed { telling, stored }| {
            if stored.is_none() {
                // The event remains in the outbox and is reported again after the lease.
                tracing::error!(%telling, "the stored event has no `type`; correct the row in `order_events`");
            }
            Some((telling, stored?.into_message(self.publisher.app())))
        });
        match self.publish_again(messages.collect()).await {
            Ok(published) => Ok(published),
            Err(Failed { error, unconfirmed }) => {
                // If this also fails, the lease ends by itself.
                match timeout(SWEEP_INTERVAL, outbox::release(&self.db, &unconfirmed)).await {
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
    async fn publish_again(&self, events: Vec<(Telling, Outgoing)>) -> Result<usize, Failed> {
        if !events.is_empty()
            && let Err(error) = self.publisher.declare().await
        {
            let unconfirmed = events.into_iter().map(|(telling, _)| telling).collect();
            return Err(Failed { error: error.into(), unconfirmed });
        }
        self.publish(events).await
    }

    /// Publishes events, awaits all confirms, and deletes confirmed events from the outbox. Returns the
    /// number of confirmed events.
    async fn publish(&self, events: Vec<(Telling, Outgoing)>) -> Result<usize, Failed> {
        if events.is_empty() {
            return Ok(0);
        }
        let (tellings, messages): (Vec<_>, Vec<_>) = events.into_iter().unzip();
        let verdicts = match self.publisher.publish_all(&messages).await {
            Ok(verdicts) => verdicts,
            Err(error) => return Err(Failed { error: error.into(), unconfirmed: tellings }),
        };
        crash::point("relay.confirmed");
        let sent = tellings.len();
        let (confirmed, unconfirmed) = split(tellings, &verdicts);
        let count = confirmed.len();
        self.mark(confirmed);
        metrics::counter!("events_published_total").increment(u64::try_from(count).unwrap_or_default());
        if unconfirmed.is_empty() {
            Ok(count)
        } else {
            Err(Failed { error: RelayError::Incomplete { confirmed: count, sent }, unconfirmed })
        }
    }

    /// Deletes confirmed events from the outbox in the background. If this fails, they are published again.
    fn mark(&self, confirmed: Vec<Telling>) {
        let published = self.published.clone();
        self.marking.spawn(async move {
            if let Err(error) = published.write(Published(confirmed)).await {
                tracing::debug!(%error, "published events remain in the outbox and will be published again");
            }
        });
    }

    /// Updates the gauge of the backlog. Called only when there is nothing to publish.
    async fn count_backlog(&self) {
        if let Ok(count) = outbox::backlog(&self.db).await {
            #[expect(clippy::cast_precision_loss, reason = "a gauge")]
            metrics::gauge!("events_unpublished").set(count as f64);
        }
    }
}

/// Splits the publications into confirmed and unconfirmed ones.
fn split(tellings: Vec<Telling>, verdicts: &[Verdict]) -> (Vec<Telling>, Vec<Telling>) {
    let (confirmed, others): (Vec<_>, Vec<_>) =
        tellings.into_iter().zip(verdicts).partition(|(_, verdict)| **verdict == Verdict::Confirmed);
    let alone = |pairs: Vec<(Telling, &Verdict)>| pairs.into_iter().map(|(telling, _)| telling).collect();
    (alone(confirmed), alone(others))
}

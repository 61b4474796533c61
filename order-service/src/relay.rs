//! The relay: publishes the events that are committed, and takes them off the outbox once the broker has them.
//!
//! What this replica has just committed is handed over in memory. What nobody has published in time, because a
//! replica died or the broker was away, a sweep finds in the outbox every second. Any number of relays may run.

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

/// Events a round.
const BATCH: usize = 256;
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
    publisher: Arc<Publisher>,
    committed: Receiver<Committed>,
    placements: GroupCommit<Placement>,
    published: GroupCommit<Published>,
    marking: TaskTracker,
    lease: Duration,
}

/// Why a round failed. Nothing is lost: the events stay in the outbox.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RelayError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("broker: {0}")]
    Publish(#[from] PublishError),
    #[error("the broker took {confirmed} of {sent} events")]
    Incomplete { confirmed: usize, sent: usize },
    #[error("not done before the lease ended")]
    TooSlow,
}

/// A round that failed, and the events of it that are not known to be published.
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

    /// Publishes until `quiet` is cancelled: from then on nothing commits events. Then publishes the last ones.
    pub(crate) async fn run(mut self, quiet: CancellationToken) -> TaskResult {
        let mut delays = backoff::reconnecting();
        let mut outage = Outage::default();
        let mut sweeps = interval(POLL);
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
                    // Finding nothing to publish does not say that it could be.
                    if published > 0 && outage.end() {
                        tracing::info!("relay publishes again");
                        delays = backoff::reconnecting();
                    }
                    if published == BATCH {
                        self.rest(begun.elapsed().min(POLL)).await;
                    }
                }
                Err(error) => {
                    let reason = error.to_string();
                    if outage.has_new_reason(&reason) {
                        tracing::warn!(error = reason, "relay waits");
                    }
                    tokio::select! {
                        () = sleep(delays.next().unwrap_or(POLL)) => {}
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

    /// Publishes the events that still wait. If that fails, they are in the outbox, and a sweep of another replica or of the
    /// next start publishes them.
    async fn publish_last(&mut self, mut batch: Vec<Committed>) {
        self.committed.close();
        while self.committed.recv_many(&mut batch, BATCH).await > 0 {
            if let Err(error) = self.publish_fresh(&mut batch).await {
                tracing::warn!(%error, "the last events are left to another relay");
                break;
            }
        }
    }

    async fn rest(&self, step: Duration) {
        for _ in 0..RESTS {
            if self.placements.waiting() > 0 {
                sleep(step).await;
            }
        }
    }

    /// Publishes events that were just committed, and empties `batch`. Returns how many were published.
    async fn publish_fresh(&self, batch: &mut Vec<Committed>) -> Result<usize, RelayError> {
        let fresh = batch.drain(..).filter(|committed| committed.at.elapsed() < FRESH);
        let messages =
            fresh.filter_map(|Committed { event: Unpublished { telling, event, traceparent }, .. }| {
                match StoredEvent::of(&event, traceparent) {
                    Ok(stored) => Some((telling, stored.into_message(self.publisher.app()))),
                    Err(error) => {
                        tracing::error!(%telling, %error, "cannot write an event");
                        None
                    }
                }
            });
        self.publish(messages.collect()).await.map_err(|failed| failed.error)
    }

    /// Publishes events that no relay has published in time. Returns how many.
    async fn sweep(&self) -> Result<usize, RelayError> {
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        // A database whose packets vanish would let this wait for ever.
        let claiming = timeout(self.lease, outbox::claim(&self.db, limit, self.lease));
        let claimed = claiming.await.map_err(|_| RelayError::TooSlow)??;
        if claimed.is_empty() {
            self.count_backlog().await;
        }
        let messages = claimed.into_iter().filter_map(|outbox::Claimed { telling, stored }| {
            if stored.is_none() {
                // It stays in the outbox, and is reported again when the lease ends.
                tracing::error!(%telling, "the stored event has no `type`: correct the row in `order_events`");
            }
            Some((telling, stored?.into_message(self.publisher.app())))
        });
        match self.publish_again(messages.collect()).await {
            Ok(published) => Ok(published),
            Err(Failed { error, unconfirmed }) => {
                // Should this fail too, the lease ends by itself.
                match timeout(POLL, outbox::release(&self.db, &unconfirmed)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::debug!(%error, "cannot release a lease"),
                    Err(_) => tracing::debug!("cannot release a lease: PostgreSQL does not answer"),
                }
                Err(error)
            }
        }
    }

    /// Publishes events that may have been lost on their first way, and declares the topology before: a lost binding would
    /// take them once more.
    async fn publish_again(&self, events: Vec<(Telling, Outgoing)>) -> Result<usize, Failed> {
        if !events.is_empty()
            && let Err(error) = self.publisher.declare().await
        {
            let unconfirmed = events.into_iter().map(|(telling, _)| telling).collect();
            return Err(Failed { error: error.into(), unconfirmed });
        }
        self.publish(events).await
    }

    /// Publishes events, awaits all confirms, and has those that were confirmed taken off the outbox. Returns how many.
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

    /// Not waited for: the next events go out meanwhile. Should it fail, these are published once more.
    fn mark(&self, confirmed: Vec<Telling>) {
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

/// Those that the broker has confirmed, and the others.
fn split(tellings: Vec<Telling>, verdicts: &[Verdict]) -> (Vec<Telling>, Vec<Telling>) {
    let (confirmed, others): (Vec<_>, Vec<_>) =
        tellings.into_iter().zip(verdicts).partition(|(_, verdict)| **verdict == Verdict::Confirmed);
    let alone = |pairs: Vec<(Telling, &Verdict)>| pairs.into_iter().map(|(telling, _)| telling).collect();
    (alone(confirmed), alone(others))
}

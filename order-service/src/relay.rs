//! The relay: publishes the events that are committed and not yet published.
//!
//! It is woken after each commit of this replica and looks by itself every second, for those of a
//! replica that died. Any number of relays may run.

use crate::db::outbox::{self, Lease, Unpublished};
use clap::Args;
use common::{
    amqp::{
        delivery::event_message,
        publisher::{PublishError, Publisher, Verdict},
    },
    backoff, crash,
    lifecycle::TaskResult,
};
use sqlx::PgPool;
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Events a round.
const BATCH: i64 = 200;
/// How often to look without being woken.
const POLL: Duration = Duration::from_secs(1);

/// How to relay.
#[derive(Args, Clone, Copy)]
pub(crate) struct RelayOptions {
    /// Seconds after which the events that a relay has taken, and not yet marked as published, are free for
    /// another one. Publishing them takes 10 at most; with less, events are often published twice.
    #[arg(long, env = "RELAY_LEASE_SECONDS", default_value = "30", value_parser = clap::value_parser!(u32).range(1..))]
    relay_lease_seconds: u32,
}

/// Publishes events from the database to the broker.
pub(crate) struct Relay {
    db: PgPool,
    publisher: Publisher,
    wake: WakeUp,
    lease: Duration,
}

/// Tells the relay that something was committed.
#[derive(Clone, Default)]
pub(crate) struct WakeUp(Arc<Notify>);

impl WakeUp {
    /// To be called after the commit.
    pub(crate) fn committed(&self) {
        self.0.notify_one();
    }
}

/// Why a round failed. Nothing is lost: the events stay unpublished.
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
    pub(crate) fn new(db: PgPool, publisher: Publisher, wake: WakeUp, options: RelayOptions) -> Self {
        let lease = Duration::from_secs(options.relay_lease_seconds.into());
        Self { db, publisher, wake, lease }
    }

    /// Publishes until the process is to end.
    pub(crate) async fn run(self, shutdown: CancellationToken) -> TaskResult {
        let mut delays = backoff::reconnecting();
        let mut failing = false;
        while !shutdown.is_cancelled() {
            // Interest is registered before looking, so that a commit in between is not missed.
            let mut woken = pin!(self.wake.0.notified());
            woken.as_mut().enable();
            // A round that outlives its lease has nothing to mark any more; a database whose packets
            // vanish would let it wait for ever.
            let round = timeout(self.lease, self.relay_once());
            let wait = match round.await.unwrap_or(Err(RelayError::TooSlow)) {
                Ok(published) => {
                    // Finding nothing to publish does not say that it could be.
                    if failing && published > 0 {
                        tracing::info!("relay publishes again");
                        failing = false;
                        delays = backoff::reconnecting();
                    }
                    if published > 0 {
                        continue;
                    }
                    POLL
                }
                Err(error) => {
                    if !failing {
                        tracing::warn!(%error, "relay waits");
                        failing = true;
                    }
                    // Being woken does not mend the broker: the delay is kept.
                    tokio::select! {
                        () = sleep(delays.next().unwrap_or(POLL)) => {}
                        () = shutdown.cancelled() => {}
                    }
                    continue;
                }
            };
            tokio::select! {
                () = woken => {}
                () = sleep(wait) => self.count_backlog().await,
                () = shutdown.cancelled() => {}
            }
        }
        Ok(())
    }

    /// One round: lease, publish, await all confirms, mark. Returns how many were published.
    pub(crate) async fn relay_once(&self) -> Result<usize, RelayError> {
        let (lease, events) = outbox::claim(&self.db, BATCH, self.lease).await?;
        if events.is_empty() {
            return Ok(0);
        }
        match self.publish(lease, &events).await {
            Ok(published) => Ok(published),
            Err(error) => {
                // Should this fail too, the lease ends by itself.
                if let Err(error) = outbox::release(&self.db, lease).await {
                    tracing::debug!(%error, "cannot give back a lease");
                }
                Err(error)
            }
        }
    }

    async fn publish(&self, lease: Lease, events: &[Unpublished]) -> Result<usize, RelayError> {
        let messages = events
            .iter()
            .map(|Unpublished { event, traceparent }| {
                event_message(event, traceparent.as_deref(), self.publisher.app())
            })
            .collect::<Result<Vec<_>, _>>()?;
        let verdicts = self.publisher.publish_all(&messages).await?;
        crash::point("relay.confirmed");
        let confirmed: Vec<_> = events
            .iter()
            .zip(verdicts)
            .filter(|(_, verdict)| *verdict == Verdict::Confirmed)
            .map(|(unpublished, _)| unpublished.event.id)
            .collect();
        let marked = outbox::mark_published(&self.db, lease, &confirmed).await?;
        metrics::counter!("events_published_total").increment(marked);
        if confirmed.len() < events.len() {
            return Err(RelayError::Incomplete { confirmed: confirmed.len(), sent: events.len() });
        }
        Ok(confirmed.len())
    }

    /// For the dashboards; counted when there is nothing else to do.
    async fn count_backlog(&self) {
        if let Ok(count) = outbox::backlog(&self.db).await {
            #[expect(clippy::cast_precision_loss, reason = "a gauge")]
            metrics::gauge!("events_unpublished").set(count as f64);
        }
    }
}

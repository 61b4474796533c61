//! The limit on the orders that wait for a worker.
//!
//! Workers can be slower than customers for some time. The waiting orders are safe in the database, but a
//! customer should not wait for hours. So new orders are refused while too many wait.

use crate::db;
use runtime::lifecycle::TaskResult;
use sqlx::PgPool;
use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// The time between two counts. In the meantime, the limit can be exceeded.
const COUNT_INTERVAL: Duration = Duration::from_secs(5);
/// The delay after which a refused client tries again. Until then, the orders are counted several times.
pub(crate) const RETRY: Duration = Duration::from_secs(30);

/// Knows whether too many orders wait. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Backlog {
    most: u32,
    is_full: Arc<AtomicBool>,
}

/// Too many orders wait for a worker.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("too many orders of the shop are waiting, so this order was not placed")]
pub(crate) struct Full;

impl Backlog {
    pub(crate) fn new(most: NonZeroU32) -> Self {
        Self { most: most.get(), is_full: Arc::default() }
    }

    /// An error while too many orders wait.
    pub(crate) fn check(&self) -> Result<(), Full> {
        if self.is_full.load(Ordering::Relaxed) { Err(Full) } else { Ok(()) }
    }

    /// Counts the waiting orders at intervals until shutdown.
    pub(crate) async fn keep_counting(self, db: PgPool, shutdown: CancellationToken) -> TaskResult {
        let mut interval = interval(COUNT_INTERVAL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = interval.tick() => {}
                () = shutdown.cancelled() => return Ok(()),
            }
            tokio::select! {
                counted = self.count(&db) => if let Err(error) = counted {
                    tracing::debug!(%error, "cannot count the waiting orders now");
                },
                () = shutdown.cancelled() => return Ok(()),
            }
        }
    }

    async fn count(&self, db: &PgPool) -> Result<(), sqlx::Error> {
        let count = db::timers::waiting(db, self.most).await?;
        metrics::gauge!("orders_waiting").set(count);
        let is_full = count >= self.most;
        if self.is_full.swap(is_full, Ordering::Relaxed) != is_full {
            if is_full {
                tracing::error!(limit = self.most, "too many orders wait for a worker; new ones are refused");
            } else {
                tracing::info!(count, "new orders are accepted again");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::placed;
    use contract::ids::UserId;

    #[sqlx::test(migrations = "./migrations")]
    async fn orders_are_refused_while_too_many_wait(db: PgPool) {
        let backlog = Backlog::new(NonZeroU32::new(2).unwrap());
        for count in 0..3 {
            backlog.count(&db).await.unwrap();
            assert_eq!(backlog.check().is_err(), count >= 2, "{count} orders");
            placed(&db, UserId::new()).await;
        }
        // An order that waits for its customer does not wait for a worker.
        sqlx::query("update orders set status = 'payment_failed'").execute(&db).await.unwrap();
        backlog.count(&db).await.unwrap();
        assert!(backlog.check().is_ok());
    }
}

//! The watchdog and the expiry, which handle orders that wait too long.
//!
//! If an order waits for a worker, the watchdog publishes its last event again. So no order is lost when a
//! queue is purged or deleted. Workers are idempotent, so the repetition does no harm. For the same reason,
//! an event that releases stock is published seven times in total. The expiry cancels unpaid orders, if they
//! have not changed since it found them. Every replica runs both.

use crate::{
    change::{ChangeError, Orders},
    db::timers::{self, Expiry},
    domain::status::Command,
};
use clap::Args;
use runtime::{
    lifecycle::TaskResult,
    trace::{self, TraceContext},
};
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, field};

/// The time between two rounds.
const ROUND_INTERVAL: Duration = Duration::from_secs(2);
/// The longest time of a round. The next round continues the work.
const ROUND_LIMIT: Duration = Duration::from_mins(1);

/// The times of the watchdog and of the expiry.
#[derive(Args, Clone, Copy)]
pub(crate) struct Patience {
    /// The time in seconds after which the worker of a waiting order gets a first reminder. Each further
    /// reminder comes after twice the time.
    #[arg(long, env = "NUDGE_AFTER_SECONDS", default_value = "60", value_parser = clap::value_parser!(u32).range(1..))]
    nudge_after_seconds: u32,
    /// The number of reminders before the order is reported as stuck.
    #[arg(long, env = "NUDGES", default_value = "8", value_parser = clap::value_parser!(i16).range(1..=20))]
    nudges: i16,
    /// The time in seconds after which an unpaid order is cancelled, counted from its last change.
    #[arg(long, env = "EXPIRE_AFTER_SECONDS", default_value = "1800", value_parser = clap::value_parser!(u32).range(1..))]
    expire_after_seconds: u32,
    /// The time in seconds after which an unpaid order is cancelled, counted from its placement. Failed
    /// payments do not extend it.
    #[arg(long, env = "EXPIRE_AT_LATEST_SECONDS", default_value = "3600", value_parser = clap::value_parser!(u32).range(1..))]
    expire_at_latest_seconds: u32,
}

/// Runs both until shutdown.
pub(crate) async fn run(orders: Orders, patience: Patience, shutdown: CancellationToken) -> TaskResult {
    let mut interval = tokio::time::interval(ROUND_INTERVAL);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            () = shutdown.cancelled() => return Ok(()),
        }
        if timeout(ROUND_LIMIT, run_once(&orders, patience)).await.is_err() {
            tracing::warn!(limit = ?ROUND_LIMIT, "a round of the watchdog exceeded its time limit");
        }
    }
}

async fn run_once(orders: &Orders, patience: Patience) {
    // The relay and the requests already log an outage of the database.
    if let Err(error) = watch_once(orders, patience).await {
        tracing::debug!(%error, "the watchdog cannot check orders now");
    }
    if let Err(error) = expire_once(orders, patience).await {
        tracing::debug!(%error, "cannot expire unpaid orders now");
    }
}

async fn watch_once(orders: &Orders, patience: Patience) -> Result<(), sqlx::Error> {
    let after = Duration::from_secs(patience.nudge_after_seconds.into());
    let reminded = timers::remind(&orders.db, after, patience.nudges).await?;
    for order in &reminded {
        tracing::warn!(order_id = %order.id, status = %order.status, nudges = order.nudges, "order waits; its event is published again");
        metrics::counter!("orders_nudged_total", "status" => order.status.as_str()).increment(1);
    }
    timers::repeat_endings(&orders.db, after).await?;
    for order in timers::give_up(&orders.db, after, patience.nudges).await? {
        tracing::error!(order_id = %order.id, status = %order.status, "order is stuck; no worker handles it");
    }
    let stuck = timers::stuck(&orders.db, patience.nudges).await?;
    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
    metrics::gauge!("orders_stuck").set(stuck as f64);
    Ok(())
}

async fn expire_once(orders: &Orders, patience: Patience) -> Result<(), ChangeError> {
    let expiry = Expiry {
        after_step: Duration::from_secs(patience.expire_after_seconds.into()),
        after_placing: Duration::from_secs(patience.expire_at_latest_seconds.into()),
    };
    loop {
        let unpaid = timers::unpaid(&orders.db, expiry).await?;
        for &(id, version) in &unpaid {
            let context = TraceContext::root();
            let span = tracing::info_span!("expire", trace_id = %context.trace_id(), order_id = field::Empty);
            // The version protects an order that was paid, or is being paid again, in the meantime.
            let expiring = orders.change(id, None, Command::Expire { version }).instrument(span);
            trace::scope(context, expiring).await?;
        }
        if !timers::is_full(&unpaid) {
            return Ok(());
        }
    }
}

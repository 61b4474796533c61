//! The watchdog and the expiry: they look after orders that do not move.
//!
//! The watchdog has the last event of an order that a worker should have moved on published once
//! more. With idempotent workers that does no harm, and makes it harmless that a queue was purged or
//! deleted. The end of an order that gives stock back is published seven times for the same reason. The expiry cancels what was
//! not paid in time, if it is still as the expiry found it. Every replica runs both.

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

/// How often to look.
const TICK: Duration = Duration::from_secs(2);
/// How long a look may take; it goes on where it was with the next one.
const ROUND_LIMIT: Duration = Duration::from_mins(1);

/// How patient to be.
#[derive(Args, Clone, Copy)]
pub(crate) struct Patience {
    /// Seconds in which a worker should have moved an order on; then it is told again, and again
    /// after twice as long each time.
    #[arg(long, env = "NUDGE_AFTER_SECONDS", default_value = "60", value_parser = clap::value_parser!(u32).range(1..))]
    nudge_after_seconds: u32,
    /// How often it is told before the order is reported as stuck.
    #[arg(long, env = "NUDGES", default_value = "8", value_parser = clap::value_parser!(i16).range(1..=20))]
    nudges: i16,
    /// Seconds after which an order that is not paid is cancelled, counted from its last step.
    #[arg(long, env = "EXPIRE_AFTER_SECONDS", default_value = "1800", value_parser = clap::value_parser!(u32).range(1..))]
    expire_after_seconds: u32,
    /// Seconds after which an order that is not paid is cancelled, counted from when it was placed. Failed payments do
    /// not extend it.
    #[arg(long, env = "EXPIRE_AT_LATEST_SECONDS", default_value = "3600", value_parser = clap::value_parser!(u32).range(1..))]
    expire_at_latest_seconds: u32,
}

/// Watches until the process is to end.
pub(crate) async fn run(orders: Orders, patience: Patience, shutdown: CancellationToken) -> TaskResult {
    let mut interval = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            () = shutdown.cancelled() => return Ok(()),
        }
        if timeout(ROUND_LIMIT, look_once(&orders, patience)).await.is_err() {
            tracing::warn!(limit = ?ROUND_LIMIT, "the watchdog was not done in time");
        }
    }
}

async fn look_once(orders: &Orders, patience: Patience) {
    // The relay and the requests say it when the database is away; this can wait.
    if let Err(error) = watch_once(orders, patience).await {
        tracing::debug!(%error, "the watchdog cannot look now");
    }
    if let Err(error) = expire_once(orders, patience).await {
        tracing::debug!(%error, "cannot look for unpaid orders now");
    }
}

async fn watch_once(orders: &Orders, patience: Patience) -> Result<(), sqlx::Error> {
    let after = Duration::from_secs(patience.nudge_after_seconds.into());
    let nudged = timers::nudge(&orders.db, after, patience.nudges).await?;
    for order in &nudged {
        tracing::warn!(order_id = %order.id, status = %order.status, nudges = order.nudges, "order waits; its event is published again");
        metrics::counter!("orders_nudged_total", "status" => order.status.as_str()).increment(1);
    }
    timers::repeat_endings(&orders.db, after).await?;
    for order in timers::give_up(&orders.db, after, patience.nudges).await? {
        tracing::error!(order_id = %order.id, status = %order.status, "order is stuck; no worker moves it on");
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
            // Nothing happens to an order that was paid, or is being paid again, since it was found.
            let expiring = orders.change(id, None, Command::Expire { version }).instrument(span);
            trace::scope(context, expiring).await?;
        }
        if !timers::is_full(&unpaid) {
            return Ok(());
        }
    }
}

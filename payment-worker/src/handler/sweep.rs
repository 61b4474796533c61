//! The sweep settles charges that no message settles.
//!
//! A worker can die after the provider has captured a charge and before the capture is recorded. Its message
//! can be lost, because the queue is purged or the broker loses its disk. If the order has ended by then,
//! order-service publishes no further event about the charge.
//! So each replica checks charges that are not settled. It asks the provider, records the outcome, and
//! reports it to order-service. It refunds a charge that the order does not accept.
//!
//! The sweep never charges. Only order-service knows whether an order still needs a charge, and only its
//! events request one.

use super::{Failure, PaymentWorker, charge};
use crate::db::{
    entry::Entry,
    sweep::{Intervals, Unsettled},
};
use clap::Args;
use futures_util::{StreamExt as _, stream};
use runtime::{
    lifecycle::TaskResult,
    trace::{self, TraceContext},
};
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// The interval between two queries for due charges.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// The largest number of charges that a replica claims at a time.
const MAX_BATCH: u16 = 64;
/// The number of charges of a batch that are checked concurrently.
const CONCURRENCY: usize = 8;
/// The longest interval between two checks of a charge. It is as long as the last step of the retry ladder.
const LONGEST_INTERVAL: Duration = Duration::from_mins(30);
/// Stripe keeps an idempotency key for at least 24 hours, and its search finds a payment after about a
/// minute. If Stripe does not find a charge after this time, the charge was never made. It must not be made
/// later.
const OLD_AFTER: Duration = Duration::from_hours(24);
/// The time limit of one check. HTTP requests have shorter limits, but queries to a silent database have
/// none.
const CHECK_TIMEOUT: Duration = Duration::from_mins(1);
/// The time limit of the query for a batch.
const CLAIM_TIMEOUT: Duration = Duration::from_secs(10);
/// The decline code of a charge that the provider does not know.
const NOT_CHARGED: &str = "not_charged";

/// The settings of the sweep.
#[derive(Args, Clone, Copy)]
pub(crate) struct SweepOptions {
    /// The seconds until the sweep first checks a charge whose outcome order-service does not know. Each
    /// further interval is twice as long, up to half an hour.
    #[arg(long, env = "SWEEP_AFTER_SECONDS", default_value = "60", value_parser = clap::value_parser!(u32).range(1..))]
    sweep_after_seconds: u32,
}

impl SweepOptions {
    fn intervals(self) -> Intervals {
        let first = Duration::from_secs(self.sweep_after_seconds.into());
        Intervals { first, longest: LONGEST_INTERVAL.max(first), old: OLD_AFTER }
    }
}

/// Sweeps until the process should end. A check that is interrupted by the end is repeated by another
/// replica, or after the next start.
pub(crate) async fn run(
    worker: PaymentWorker,
    options: SweepOptions,
    shutdown: CancellationToken,
) -> TaskResult {
    let mut interval = tokio::time::interval(POLL_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let sweeping = async {
        loop {
            interval.tick().await;
            while sweep_once(&worker, options.intervals()).await == usize::from(MAX_BATCH) {}
        }
    };
    tokio::select! {
        never = sweeping => never,
        () = shutdown.cancelled() => Ok(()),
    }
}

/// Checks a batch of due charges. Returns their number.
async fn sweep_once(worker: &PaymentWorker, intervals: Intervals) -> usize {
    let claiming = timeout(CLAIM_TIMEOUT, worker.ledger.unsettled(intervals, MAX_BATCH.into()));
    let batch = match claiming.await {
        Ok(Ok(batch)) => batch,
        // Deliveries and the readiness check report an unavailable database, so this is only a debug message.
        Ok(Err(error)) => {
            tracing::debug!(%error, "the sweep cannot read the ledger now");
            return 0;
        }
        Err(_) => return 0,
    };
    let count = batch.len();
    stream::iter(batch).for_each_concurrent(CONCURRENCY, |unsettled| check(worker, unsettled)).await;
    count
}

/// Checks one charge, in its own trace.
async fn check(worker: &PaymentWorker, unsettled: Unsettled) {
    let context = TraceContext::root();
    let order_id = unsettled.entry.charge.order_id;
    let span = tracing::info_span!("sweep", trace_id = %context.trace_id(), %order_id);
    let checking = async {
        let found = match timeout(CHECK_TIMEOUT, advance(worker, unsettled)).await {
            Ok(Ok(found)) => found,
            Ok(Err(failure)) if failure.is_temporary() => {
                tracing::warn!(%failure, "a charge cannot be settled now; the sweep tries again");
                "failed"
            }
            Ok(Err(failure)) => {
                tracing::error!(
                    %failure,
                    "a charge cannot be settled; `orderctl reconcile` shows the difference"
                );
                "failed"
            }
            Err(_) => {
                tracing::warn!(
                    limit = ?CHECK_TIMEOUT,
                    "a charge could not be settled in time; the sweep tries again"
                );
                "failed"
            }
        };
        metrics::counter!("charges_swept_total", "found" => found).increment(1);
    };
    trace::scope(context, checking.instrument(span)).await;
}

/// Settles a charge as far as possible now. Returns the label of its finding for the metrics.
async fn advance(worker: &PaymentWorker, unsettled: Unsettled) -> Result<&'static str, Failure> {
    let Unsettled { entry: Entry { charge, outcome }, is_old } = unsettled;
    if let Some(outcome) = outcome {
        charge::settle(worker, &charge, outcome).await?;
        return Ok("recorded");
    }
    let outcome = match worker.provider.find(&charge).await? {
        Some(answer) => {
            tracing::warn!(
                try_number = charge.attempt,
                ?answer,
                "the provider has an answer to a started charge"
            );
            charge::record(worker, &charge, answer).await?
        }
        None if is_old => Some(worker.ledger.declined(&charge, NOT_CHARGED).await?),
        None => return Ok("nothing"),
    };
    let Some(outcome) = outcome else { return Ok("undecided") };
    charge::settle(worker, &charge, outcome).await?;
    Ok("decided")
}

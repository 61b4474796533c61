//! The sweep settles charges that no message settles.
//!
//! A worker can die between a capture and its record. Its message can be lost, with a purged queue or the broker's disk.
//! If the order has ended meanwhile, order-service repeats no event that would lead to the charge. So each replica looks
//! at charges that are not settled. It asks the provider, records the outcome, and reports it to order-service. A charge
//! that the order does not take is paid back.
//!
//! The sweep never charges. Only order-service knows whether a charge is still wanted, and says so with its events.

use super::{Failure, PaymentWorker, charge};
use crate::db::{
    ledger::Entry,
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

/// How often a replica asks for charges that are due.
const TICK: Duration = Duration::from_secs(2);
/// Charges that a replica takes at a time.
const BATCH: u16 = 64;
/// Charges of a batch that it looks at concurrently.
const CONCURRENCY: usize = 8;
/// The longest interval between two looks; as long as the last step of the retry ladder.
const LONGEST_INTERVAL: Duration = Duration::from_mins(30);
/// Stripe keeps an idempotency key for 24 hours at least, and its search finds a payment after about a minute. A charge
/// that it does not find after this time was never made, and must not be made any more.
const OLD: Duration = Duration::from_hours(24);
/// How long one look may take. Calls have shorter limits of their own; queries to a database that is silent have not.
const LOOK_LIMIT: Duration = Duration::from_mins(1);
/// How long it may take to get a batch.
const CLAIM_LIMIT: Duration = Duration::from_secs(10);
/// The decline code of a charge that the provider does not know.
const NOT_CHARGED: &str = "not_charged";

/// When to look.
#[derive(Args, Clone, Copy)]
pub(crate) struct SweepOptions {
    /// Seconds until the sweep looks at a charge whose outcome order-service does not know. Each further interval is
    /// twice as long, up to half an hour.
    #[arg(long, env = "SWEEP_AFTER_SECONDS", default_value = "60", value_parser = clap::value_parser!(u32).range(1..))]
    sweep_after_seconds: u32,
}

impl SweepOptions {
    fn intervals(self) -> Intervals {
        let first = Duration::from_secs(self.sweep_after_seconds.into());
        Intervals { first, longest: LONGEST_INTERVAL.max(first), old: OLD }
    }
}

/// Sweeps until the process is to end. A look that is cut off by that is done by another replica, or after the next
/// start.
pub(crate) async fn run(
    worker: PaymentWorker,
    options: SweepOptions,
    shutdown: CancellationToken,
) -> TaskResult {
    let mut interval = tokio::time::interval(TICK);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let sweeping = async {
        loop {
            interval.tick().await;
            while sweep_once(&worker, options.intervals()).await == usize::from(BATCH) {}
        }
    };
    tokio::select! {
        never = sweeping => never,
        () = shutdown.cancelled() => Ok(()),
    }
}

/// Looks at a batch of due charges. Returns their number.
async fn sweep_once(worker: &PaymentWorker, intervals: Intervals) -> usize {
    let claiming = timeout(CLAIM_LIMIT, worker.ledger.unsettled(intervals, BATCH.into()));
    let batch = match claiming.await {
        Ok(Ok(batch)) => batch,
        // Deliveries and the readiness check report a database that is away; the sweep can wait.
        Ok(Err(error)) => {
            tracing::debug!(%error, "the sweep cannot read the ledger now");
            return 0;
        }
        Err(_) => return 0,
    };
    let count = batch.len();
    stream::iter(batch).for_each_concurrent(CONCURRENCY, |unsettled| look(worker, unsettled)).await;
    count
}

/// Looks at one charge, in a trace of its own.
async fn look(worker: &PaymentWorker, unsettled: Unsettled) {
    let context = TraceContext::root();
    let order_id = unsettled.entry.charge.order_id;
    let span = tracing::info_span!("sweep", trace_id = %context.trace_id(), %order_id);
    let looking = async {
        let found = match timeout(LOOK_LIMIT, advance(worker, unsettled)).await {
            Ok(Ok(found)) => found,
            Ok(Err(failure)) if failure.passes() => {
                tracing::warn!(%failure, "a charge cannot be settled now; the sweep tries again");
                "failed"
            }
            Ok(Err(failure)) => {
                tracing::error!(%failure, "a charge cannot be settled; `orderctl reconcile` shows what differs");
                "failed"
            }
            Err(_) => {
                tracing::warn!(limit = ?LOOK_LIMIT, "a charge could not be settled in time; the sweep tries again");
                "failed"
            }
        };
        metrics::counter!("charges_swept_total", "found" => found).increment(1);
    };
    trace::scope(context, looking.instrument(span)).await;
}

/// Brings a charge as far as it goes now. Returns what it found, for the metrics.
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
                "the provider knows a charge that was started"
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

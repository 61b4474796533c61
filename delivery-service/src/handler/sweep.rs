//! The sweep hands parcels to the carrier, and asks about parcels from which nothing was heard.
//!
//! A replica claims due tasks in the database, so several replicas share them. The address is closed before
//! the carrier is asked. The carrier's idempotency key is the order, so a repeated hand-over gets the same
//! parcel.

use super::DeliveryWorker;
use crate::{
    carrier::{Carrier, CarrierError},
    db::{
        deliveries,
        reports::Recorded,
        sweep::{Intervals, Task, claim, not_taken},
    },
    domain::report::{Parcel, Report},
    shipments::Shipments,
};
use clap::Args;
use futures_util::future::join_all;
use runtime::{
    crash,
    lifecycle::TaskResult,
    trace::{self, TraceContext},
};
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

/// The interval between two queries for due tasks.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// The largest number of tasks that a replica claims at a time. They run concurrently.
const MAX_BATCH: u16 = 16;
/// The longest interval between two tasks of a shipment.
const LONGEST_INTERVAL: Duration = Duration::from_hours(1);
/// The time limit of one task. A claim is valid for longer, so no other replica has the same task.
const TASK_TIMEOUT: Duration = Duration::from_secs(9);
/// The time limit of the query for a batch.
const CLAIM_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the late deliveries are counted.
const COUNT_INTERVAL: Duration = Duration::from_secs(30);

/// The settings of the sweep.
#[derive(Args, Clone, Copy)]
pub(crate) struct SweepOptions {
    /// The seconds until a failed hand-over is repeated. Each further interval is twice as long, up to an
    /// hour.
    #[arg(long, env = "HANDOVER_RETRY_SECONDS", default_value = "15", value_parser = clap::value_parser!(u32).range(10..))]
    handover_retry_seconds: u32,
    /// The seconds without news of a parcel until the carrier is asked. Each further interval is twice as
    /// long, up to an hour.
    #[arg(long, env = "CARRIER_POLL_SECONDS", default_value = "300", value_parser = clap::value_parser!(u32).range(1..))]
    carrier_poll_seconds: u32,
}

impl SweepOptions {
    /// The time without news of a parcel until the carrier is asked.
    pub(crate) fn poll_after(self) -> Duration {
        Duration::from_secs(self.carrier_poll_seconds.into())
    }

    fn intervals(self) -> Intervals {
        Intervals {
            handover: Duration::from_secs(self.handover_retry_seconds.into()),
            poll: self.poll_after(),
            longest: LONGEST_INTERVAL,
        }
    }
}

/// Sweeps until the process should end, and then finishes the current tasks.
pub(crate) async fn run(
    worker: DeliveryWorker,
    carrier: Carrier,
    options: SweepOptions,
    shutdown: CancellationToken,
) -> TaskResult {
    let mut ticks = interval(POLL_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut counted: Option<Instant> = None;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = shutdown.cancelled() => return Ok(()),
        }
        while !shutdown.is_cancelled()
            && sweep_once(&worker.shipments, &carrier, options.intervals()).await == usize::from(MAX_BATCH)
        {
        }
        if counted.is_none_or(|at| at.elapsed() > COUNT_INTERVAL) {
            counted = Some(Instant::now());
            count_late(&worker.shipments).await;
        }
    }
}

/// Carries out a batch of due tasks. Returns their number.
async fn sweep_once(shipments: &Shipments, carrier: &Carrier, intervals: Intervals) -> usize {
    let batch = match timeout(CLAIM_TIMEOUT, claim(&shipments.pool, intervals, MAX_BATCH.into())).await {
        Ok(Ok(batch)) => batch,
        // The readiness check reports an unavailable database, so this is only a debug message.
        Ok(Err(error)) => {
            tracing::debug!(%error, "the sweep cannot read the shipments now");
            return 0;
        }
        Err(_) => return 0,
    };
    let count = batch.len();
    join_all(batch.into_iter().map(|task| carry_out(shipments, carrier, task))).await;
    count
}

/// Carries out one task, in its own trace.
async fn carry_out(shipments: &Shipments, carrier: &Carrier, task: Task) {
    let context = TraceContext::root();
    let span = tracing::info_span!("sweep", trace_id = %context.trace_id(), order_id = %task.order_id);
    let kind = if task.parcel.is_some() { "poll" } else { "handover" };
    let working = async {
        let outcome = match timeout(TASK_TIMEOUT, ask(shipments, carrier, &task)).await {
            Ok(Ok(())) => "done",
            Ok(Err(error)) => {
                tracing::warn!(
                    error,
                    tries = task.tries,
                    kind,
                    "the carrier's answer is missing; the sweep tries again"
                );
                "failed"
            }
            Err(_) => {
                tracing::warn!(limit = ?TASK_TIMEOUT, kind, "no answer in time; the sweep tries again");
                "failed"
            }
        };
        metrics::counter!("carrier_tasks_total", "kind" => kind, "outcome" => outcome).increment(1);
    };
    trace::scope(context, working.instrument(span)).await;
}

async fn ask(shipments: &Shipments, carrier: &Carrier, task: &Task) -> Result<(), String> {
    let answer = match &task.parcel {
        Some(parcel) => carrier.find(parcel).await,
        None => carrier.take(task.order_id, &task.address).await,
    };
    crash::point("carrier.answered");
    let recorded = match (answer, &task.parcel) {
        (Ok(parcel), _) => record(shipments, task, &parcel).await?,
        (Err(error), Some(_)) => return Err(error.to_string()),
        (Err(error), None) => {
            release(shipments, task, &error).await.map_err(|error| error.to_string())?;
            return Err(error.to_string());
        }
    };
    match recorded {
        Recorded::New(_) | Recorded::Repeated => Ok(()),
        Recorded::Unknown => Err("the carrier has another parcel for this order".to_owned()),
    }
}

async fn record(shipments: &Shipments, task: &Task, parcel: &Parcel) -> Result<Recorded, String> {
    // Reports with overlong texts cannot be stored.
    let reports: Vec<_> = parcel.events.iter().filter(|report| report.is_short()).cloned().collect();
    let recorded = shipments.record(task.order_id, &parcel.id, &reports as &[Report]).await;
    recorded.map_err(|error| error.to_string())
}

/// Opens the address again if the carrier has certainly not taken the parcel.
async fn release(shipments: &Shipments, task: &Task, error: &CarrierError) -> Result<(), sqlx::Error> {
    match error {
        CarrierError::Refused(refusal) => not_taken(&shipments.pool, task, Some(refusal)).await,
        CarrierError::Unreachable(_) | CarrierError::Busy(_) => not_taken(&shipments.pool, task, None).await,
        CarrierError::Unknown(_) => Ok(()),
    }
}

async fn count_late(shipments: &Shipments) {
    if let Ok(late) = deliveries::late(&shipments.pool).await {
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!("deliveries_late").set(late as f64);
    }
}

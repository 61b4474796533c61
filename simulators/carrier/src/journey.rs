//! Moves all parcels forward, and sends a webhook for each event.

use crate::{ledger::Ledger, webhooks::Webhooks};
use chrono::Utc;
use runtime::lifecycle::TaskResult;
use std::{sync::Arc, time::Duration};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often due events are looked for.
const TICK: Duration = Duration::from_millis(50);

/// Runs until shutdown.
pub(crate) async fn run(ledger: Arc<Ledger>, webhooks: Webhooks, shutdown: CancellationToken) -> TaskResult {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = shutdown.cancelled() => return Ok(()),
        }
        for (parcel, event) in ledger.advance(Utc::now())? {
            webhooks.send(&parcel, &event);
        }
    }
}

//! Measures how the throughput grows with the number of payment-workers, with a slow provider.

use crate::{
    extent::Extent,
    figures::{Figures, Goal, percentile},
    system::System,
};
use anyhow::Result;
use serde_json::json;

/// The provider's delay of each charge, in milliseconds.
const DELAY_MS: u32 = 50;
/// The number of concurrent charges of a worker. With more, the machine would limit the throughput.
const PREFETCH: &str = "4";
/// The default of payment-worker.
const DEFAULT_PREFETCH: &str = "128";
const ORDERS_PER_WORKER: usize = 500;

pub(super) async fn measure(system: &System, extent: Extent) -> Result<Figures> {
    system.stack.set_env("payment-worker", "PREFETCH", PREFETCH)?;
    let mut figures = Figures::default();
    let mut alone = f64::NAN;
    for workers in [1, 2, 4, 8] {
        let mut rates = Vec::new();
        for _ in 0..extent.rounds {
            rates.push(drain(system, workers).await?);
        }
        if workers == 1 {
            alone = percentile(&rates, 50.0);
        }
        let times = rates.iter().map(|rate| rate / alone).collect();
        figures.add(format!("charged with {workers} payment-workers"), "orders/s", rates);
        match workers {
            4 => figures.aim("4 payment-workers against 1", "×", times, Goal::AtLeast(3.5)),
            8 => figures.aim("8 payment-workers against 1", "×", times, Goal::AtLeast(6.5)),
            _ => {}
        }
    }
    system.stack.set_env("payment-worker", "PREFETCH", DEFAULT_PREFETCH)?;
    Ok(figures)
}

/// Returns charged orders per second.
async fn drain(system: &System, workers: usize) -> Result<f64> {
    let count = ORDERS_PER_WORKER * workers;
    system.clear().await?;
    system.place(count).await?;
    system.stack.scale("order-processor", 1).await?;
    system.wait_until_orders_are("reserved", count).await?;
    system.wait_until_published().await?;
    system.provider(json!({ "delay_ms": DELAY_MS })).await?;
    system.stack.scale("payment-worker", workers).await?;
    system.wait_until_orders_are("completed", count).await?;
    // Ignores the first and the last tenth, when not all workers are busy.
    let tenth = i64::try_from(count / 10)?;
    let seconds: f64 = sqlx::query_scalar(
        "with paid as (select (body->>'at')::timestamptz as at from order_events where version = 3) \
         select extract(epoch from (select at from paid order by at desc offset $1 limit 1) - \
                                   (select at from paid order by at offset $1 limit 1))::float8",
    )
    .bind(tenth)
    .fetch_one(&system.orders)
    .await?;
    Ok(count as f64 * 0.8 / seconds)
}

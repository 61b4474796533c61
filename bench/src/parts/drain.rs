//! Payment-workers that wait for a slow provider: with more of them, a backlog is gone so many times faster.

use crate::{
    Extent,
    arena::Arena,
    figures::{Figures, Goal, percentile},
};
use anyhow::Result;
use serde_json::json;

/// Of the provider, for each charge, in milliseconds.
const DELAY: u32 = 50;
/// As many at a time as wait for the provider; with more, this machine would be what is measured.
const PREFETCH: &str = "4";
/// What a payment-worker has otherwise.
const USUAL_PREFETCH: &str = "128";
/// For each worker.
const ORDERS_EACH: usize = 500;

pub(super) async fn measure(arena: &Arena, extent: Extent) -> Result<Figures> {
    arena.stack.set_env("payment-worker", "PREFETCH", PREFETCH)?;
    let mut figures = Figures::default();
    let mut alone = f64::NAN;
    for workers in [1, 2, 4, 8] {
        let mut rates = Vec::new();
        for _ in 0..extent.rounds {
            rates.push(drain(arena, workers).await?);
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
    arena.stack.set_env("payment-worker", "PREFETCH", USUAL_PREFETCH)?;
    Ok(figures)
}

/// Orders that are charged a second.
async fn drain(arena: &Arena, workers: usize) -> Result<f64> {
    let count = ORDERS_EACH * workers;
    arena.clear().await?;
    arena.place(count).await?;
    arena.stack.scale("order-processor", 1).await?;
    arena.wait_until_orders_are("reserved", count).await?;
    arena.wait_until_published().await?;
    arena.provider(json!({ "delay_ms": DELAY })).await?;
    arena.stack.scale("payment-worker", workers).await?;
    arena.wait_until_orders_are("completed", count).await?;
    // Without the tenth at each end, when not all of them work.
    let tenth = i64::try_from(count / 10)?;
    let seconds: f64 = sqlx::query_scalar(
        "with paid as (select (body->>'at')::timestamptz as at from order_events where version = 3) \
         select extract(epoch from (select at from paid order by at desc offset $1 limit 1) - \
                                   (select at from paid order by at offset $1 limit 1))::float8",
    )
    .bind(tenth)
    .fetch_one(&arena.orders)
    .await?;
    Ok(count as f64 * 0.8 / seconds)
}

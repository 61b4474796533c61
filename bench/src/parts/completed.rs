//! Measures how fast one replica of each worker completes a backlog of new orders.

use super::costs::Costs;
use crate::{
    extent::Extent,
    figures::{Figures, Goal},
    system::System,
};
use anyhow::Result;

const BACKLOG: usize = 20_000;

pub(super) async fn measure(system: &System, extent: Extent) -> Result<Figures> {
    let (rates, costs) = rounds(system, extent).await?;
    let mut figures = Figures::default();
    figures.aim("completed over a backlog of 20,000", "orders/s", rates, Goal::AtLeast(1000.0));
    costs.report("completed", &mut figures);
    Ok(figures)
}

/// Returns orders per second of each round.
pub(super) async fn rounds(system: &System, extent: Extent) -> Result<(Vec<f64>, Costs)> {
    let mut rates = Vec::new();
    let mut costs = Costs::default();
    for _ in 0..extent.rounds {
        system.clear().await?;
        system.place(BACKLOG).await?;
        let before = system.usage()?;
        system.workers(1).await?;
        system.wait_until_orders_are("completed", BACKLOG).await?;
        costs.add(&before, &system.usage()?, BACKLOG as f64);
        // The time from the first reserved order to the last completed one, from the events.
        let seconds: f64 = sqlx::query_scalar(
            "select extract(epoch from max(updated_at) - (select min((body->>'at')::timestamptz) from order_events \
             where version = 2 and order_id > $1))::float8 from orders where id > $1",
        )
        .bind(system.past)
        .fetch_one(&system.orders)
        .await?;
        rates.push(BACKLOG as f64 / seconds);
    }
    Ok((rates, costs))
}

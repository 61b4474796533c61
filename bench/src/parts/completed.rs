//! Measures how fast one replica of each worker completes a backlog of new orders.

use super::costs::Costs;
use crate::{
    Extent,
    arena::Arena,
    figures::{Figures, Goal},
};
use anyhow::Result;

const BACKLOG: usize = 20_000;

pub(super) async fn measure(arena: &Arena, extent: Extent) -> Result<Figures> {
    let (rates, costs) = rounds(arena, extent).await?;
    let mut figures = Figures::default();
    figures.aim("completed over a backlog of 20,000", "orders/s", rates, Goal::AtLeast(1000.0));
    costs.report("completed", &mut figures);
    Ok(figures)
}

/// Returns orders per second of each round.
pub(super) async fn rounds(arena: &Arena, extent: Extent) -> Result<(Vec<f64>, Costs)> {
    let mut rates = Vec::new();
    let mut costs = Costs::default();
    for _ in 0..extent.rounds {
        arena.clear().await?;
        arena.place(BACKLOG).await?;
        let before = arena.usage()?;
        arena.workers(1).await?;
        arena.wait_until_orders_are("completed", BACKLOG).await?;
        costs.add(&before, &arena.usage()?, BACKLOG as f64);
        // The time from the first reserved order to the last completed one, from the events.
        let seconds: f64 = sqlx::query_scalar(
            "select extract(epoch from max(updated_at) - (select min((body->>'at')::timestamptz) from order_events \
             where version = 2 and order_id > $1))::float8 from orders where id > $1",
        )
        .bind(arena.past)
        .fetch_one(&arena.orders)
        .await?;
        rates.push(BACKLOG as f64 / seconds);
    }
    Ok((rates, costs))
}

//! Measures accepted orders. order-service answers 201 after the commit, so an accepted order is stored.

use super::costs::Costs;
use crate::{
    extent::Extent,
    figures::{Figures, Goal},
    system::System,
    wrk::{Run, Seen},
};
use anyhow::Result;

pub(super) async fn measure(system: &System, extent: Extent) -> Result<Figures> {
    let mut figures = Figures::default();
    for connections in [1, 16, 64, 256] {
        let (seen, costs) = rounds(system, extent, connections, false).await?;
        let (rates, p50, p99) = columns(&seen);
        let what = |what| format!("{what}, {connections} connections");
        if connections == 64 {
            figures.aim(what("accepted"), "orders/s", rates, Goal::AtLeast(10_000.0));
            figures.add(what("answer p50"), "ms", p50);
            figures.aim(what("answer p99"), "ms", p99, Goal::Under(40.0));
            costs.report("accepted and published", &mut figures);
        } else {
            figures.add(what("accepted"), "orders/s", rates);
            figures.add(what("answer p50"), "ms", p50);
            figures.add(what("answer p99"), "ms", p99);
        }
    }
    let (seen, _) = rounds(system, extent, 64, true).await?;
    let (rates, _, p99) = columns(&seen);
    figures.add("accepted with an Idempotency-Key, 64 connections", "orders/s", rates);
    figures.add("answer p99 with an Idempotency-Key, 64 connections", "ms", p99);
    Ok(figures)
}

/// Places orders without workers, because the workers would use the same cores. The relay of order-service
/// still publishes the events.
pub(super) async fn rounds(
    system: &System,
    extent: Extent,
    connections: u32,
    keyed: bool,
) -> Result<(Vec<Seen>, Costs)> {
    let (mut rounds, mut costs) = (Vec::new(), Costs::default());
    for _ in 0..extent.rounds {
        system.clear().await?;
        let before = system.usage()?;
        let seen = system.wrk(Run { connections, length: extent.length, keyed }).await?;
        system.wait_until_published().await?;
        costs.add(&before, &system.usage()?, seen.accepted);
        rounds.push(seen);
    }
    Ok((rounds, costs))
}

fn columns(seen: &[Seen]) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    (
        seen.iter().map(Seen::rate).collect(),
        seen.iter().map(|seen| seen.p50).collect(),
        seen.iter().map(|seen| seen.p99).collect(),
    )
}

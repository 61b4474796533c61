//! Measures the time from the POST until `completed` arrives on the customer's socket.

use crate::{
    extent::Extent,
    figures::{Figures, Goal, percentile},
    load,
    system::System,
};
use anyhow::Result;
use std::time::Duration;

/// The load before the measurement, which opens connections and fills caches.
const WARM_UP: Duration = Duration::from_secs(3);

pub(super) async fn measure(system: &System, extent: Extent) -> Result<Figures> {
    let mut figures = Figures::default();
    for rate in [50, 200] {
        let mut rounds = Vec::new();
        for _ in 0..extent.rounds {
            system.clear().await?;
            system.workers(1).await?;
            load::completed(system, rate, WARM_UP).await?;
            rounds.push(load::completed(system, rate, extent.length).await?.completed);
        }
        for (share, goal) in [(50.0, Some(25.0)), (99.0, Some(80.0)), (99.9, None)] {
            let what = format!("POST to completed at {rate} orders/s, p{share}");
            let values = rounds.iter().map(|times| percentile(times, share)).collect();
            match goal {
                Some(goal) if rate == 50 => figures.aim(what, "ms", values, Goal::Under(goal)),
                _ => figures.add(what, "ms", values),
            }
        }
    }
    Ok(figures)
}

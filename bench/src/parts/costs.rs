//! The CPU time that each process uses for an order. Other load on the machine hardly affects this figure.

use crate::{figures::Figures, usage::Usage};
use std::collections::BTreeMap;

/// The resource usage of each process up to now.
pub(super) type Usages = Vec<(&'static str, Usage)>;

/// For each process, the CPU seconds that it uses for 1,000 orders. There is one value per round.
#[derive(Default)]
pub(super) struct Costs(BTreeMap<&'static str, Vec<f64>>);

impl Costs {
    /// Adds a round with this many orders. If a process started during the round, all of its CPU time counts.
    pub(super) fn add(&mut self, before: &Usages, after: &Usages, orders: f64) {
        let before: BTreeMap<_, _> = before.iter().copied().collect();
        for (process, after) in after {
            let before = before.get(process).copied().unwrap_or_default();
            self.0.entry(process).or_default().push((after.cpu - before.cpu) * 1000.0 / orders);
        }
    }

    pub(super) fn report(self, what: &str, figures: &mut Figures) {
        let rounds = self.0.values().map(Vec::len).max().unwrap_or_default();
        let sum = |round| self.0.values().filter_map(|costs| costs.get(round)).sum();
        figures.add(format!("CPU for 1,000 orders {what}, everything"), "s", (0..rounds).map(sum).collect());
        for (process, costs) in self.0 {
            // Skips processes whose cost rounds to zero.
            if costs.iter().any(|cost| *cost >= 0.005) {
                figures.add(format!("CPU for 1,000 orders {what}, {process}"), "s", costs);
            }
        }
    }
}

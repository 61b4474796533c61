//! What orders cost each process: a figure that other work on the machine does not change much.

use crate::{figures::Figures, usage::Usage};
use std::collections::BTreeMap;

/// What each process has taken up to now.
pub(super) type Taken = Vec<(&'static str, Usage)>;

/// Seconds of a core for 1,000 orders, by process, one a round.
#[derive(Default)]
pub(super) struct Costs(BTreeMap<&'static str, Vec<f64>>);

impl Costs {
    /// Adds a round in which there were so many orders. A process that was not there before has taken all in it.
    pub(super) fn add(&mut self, before: &Taken, after: &Taken, orders: f64) {
        let before: BTreeMap<_, _> = before.iter().copied().collect();
        for (process, after) in after {
            let before = before.get(process).copied().unwrap_or_default();
            self.0.entry(process).or_default().push((after.cpu - before.cpu) * 1000.0 / orders);
        }
    }

    pub(super) fn tell(self, what: &str, figures: &mut Figures) {
        let rounds = self.0.values().map(Vec::len).max().unwrap_or_default();
        let sum = |round| self.0.values().filter_map(|costs| costs.get(round)).sum();
        figures.add(format!("CPU for 1,000 orders {what}, everything"), "s", (0..rounds).map(sum).collect());
        for (process, costs) in self.0 {
            // What rounds to nothing has no part in it.
            if costs.iter().any(|cost| *cost >= 0.005) {
                figures.add(format!("CPU for 1,000 orders {what}, {process}"), "s", costs);
            }
        }
    }
}

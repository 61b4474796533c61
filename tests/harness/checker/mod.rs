//! The checker of what must hold after every fault: the invariants A to F of docs/RELIABILITY.md. It
//! reads the databases, the provider's own ledger, the queues, and what the customers saw.

mod evidence;
mod invariants;
mod verdict;

pub use verdict::{Invariant, Verdict, Violation};

use crate::{load::Played, shop::Shop};
use evidence::Evidence;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, sleep};

/// Longer than the third step of the retry ladder: on a machine that is busy with other things, peers
/// answer late, and messages climb. Only a violation takes so long.
const PATIENCE: Duration = Duration::from_mins(7);
/// Between two looks.
const GLANCE: Duration = Duration::from_millis(250);

/// Checks what became of a load.
pub struct Checker<'a> {
    shop: &'a Shop,
    played: &'a Played,
    poison: BTreeSet<String>,
}

impl<'a> Checker<'a> {
    /// Of this load on this shop.
    #[must_use]
    pub fn of(shop: &'a Shop, played: &'a Played) -> Self {
        Self { shop, played, poison: BTreeSet::new() }
    }

    /// These messages are meant to be parked.
    #[must_use]
    pub fn expecting(mut self, poison: impl IntoIterator<Item = String>) -> Self {
        self.poison.extend(poison);
        self
    }

    /// How it looks now.
    pub async fn verdict(&self) -> Verdict {
        let evidence = Evidence::gather(self.shop).await;
        let sightings: usize =
            self.played.diaries.iter().flat_map(|diary| diary.seen.values()).map(Vec::len).sum();
        Verdict {
            looked_at: format!(
                "{} orders of {} customers, {} events, {sightings} pushed statuses, {} charges",
                evidence.orders.len(),
                self.played.diaries.len(),
                evidence.orders.values().map(|order| order.events.len()).sum::<usize>(),
                evidence.charges.len(),
            ),
            violations: invariants::violations(&evidence, self.played, &self.poison),
        }
    }

    /// How it looks when nothing moves any more: once everything holds and goes on doing so for as
    /// long as the broker's counts may be old, or when there is no more patience.
    pub async fn settled(&self) -> Verdict {
        let age = self.shop.stack().servers().age_of_counts();
        let deadline = Instant::now() + PATIENCE;
        let mut since = None;
        loop {
            let looked = Instant::now();
            // To look at a message counts as a delivery of it: where work goes on, it would be parked
            // for having been looked at too often.
            if looked < deadline && !self.is_quiet().await {
                sleep(GLANCE).await;
                continue;
            }
            let verdict = self.verdict().await;
            since = if verdict.holds() { since.or(Some(looked)) } else { None };
            let over = match since {
                Some(since) => looked - since > age,
                None => looked > deadline,
            };
            if over {
                return verdict;
            }
            sleep(GLANCE).await;
        }
    }

    /// Whether no message waits in a work or retry queue.
    async fn is_quiet(&self) -> bool {
        evidence::waiting(self.shop).await.values().all(|count| *count == 0)
    }
}

impl Played {
    /// Everything must hold, or come to hold.
    pub async fn holds(&self, shop: &Shop) {
        let verdict = Checker::of(shop, self).settled().await;
        println!("{verdict}");
        assert!(verdict.holds(), "{verdict}");
    }
}

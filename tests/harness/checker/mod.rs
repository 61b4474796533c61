//! The checker of the invariants A to G and I of docs/RELIABILITY.md, which must hold after every fault. It reads
//! the databases, the provider's ledger, the queues, and the records of the customers.

mod deliveries;
mod evidence;
mod invariants;
mod verdict;

pub use verdict::{Invariant, Verdict, Violation};

use crate::{load::LoadOutcome, shop::Shop};
use evidence::Evidence;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, sleep};

/// Longer than the third step of the retry ladder, because on a busy machine peers answer late and messages
/// climb the ladder. Only a violation takes this long.
const SETTLE_DEADLINE: Duration = Duration::from_mins(7);
/// The interval between two checks.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Checks the outcome of a load.
pub struct Checker<'a> {
    shop: &'a Shop,
    outcome: &'a LoadOutcome,
    poison: BTreeSet<String>,
}

impl<'a> Checker<'a> {
    /// A checker of this load on this shop.
    #[must_use]
    pub fn of(shop: &'a Shop, outcome: &'a LoadOutcome) -> Self {
        Self { shop, outcome, poison: BTreeSet::new() }
    }

    /// Expects these messages, by their own id, to be parked.
    #[must_use]
    pub fn expecting(mut self, poison: impl IntoIterator<Item = String>) -> Self {
        self.poison.extend(poison);
        self
    }

    /// Checks all invariants once.
    pub async fn verdict(&self) -> Verdict {
        let evidence = Evidence::gather(self.shop).await;
        let sightings: usize =
            self.outcome.diaries.iter().flat_map(|diary| diary.seen.values()).map(Vec::len).sum();
        Verdict {
            looked_at: format!(
                "{} orders of {} customers, {} events, {sightings} pushed statuses, {} charges",
                evidence.orders.len(),
                self.outcome.diaries.len(),
                evidence.orders.values().map(|order| order.events.len()).sum::<usize>(),
                evidence.charges.len(),
            ),
            violations: invariants::violations(&evidence, self.outcome, &self.poison),
        }
    }

    /// Checks until all invariants have held for longer than the broker's counts can be stale, or until the
    /// deadline. Returns the last verdict.
    pub async fn settled(&self) -> Verdict {
        let age = self.shop.stack().servers().age_of_counts();
        let deadline = Instant::now() + SETTLE_DEADLINE;
        let mut since = None;
        loop {
            let looked = Instant::now();
            // Peeking at a message counts as a delivery. Repeated peeks at a busy queue would use up the
            // delivery limit, and RabbitMQ would park the message.
            if looked < deadline && !self.is_quiet().await {
                sleep(POLL_INTERVAL).await;
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
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Whether all work and retry queues are empty.
    async fn is_quiet(&self) -> bool {
        evidence::waiting(self.shop).await.values().all(|count| *count == 0)
    }
}

impl LoadOutcome {
    /// Asserts that all invariants hold, now or before the deadline.
    pub async fn holds(&self, shop: &Shop) {
        let verdict = Checker::of(shop, self).settled().await;
        println!("{verdict}");
        assert!(verdict.holds(), "{verdict}");
    }
}

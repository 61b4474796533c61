//! Decides a sequence of requests for the use of promotions by orders, in memory.

use super::{
    basket::Basket,
    eligibility::CustomerUses,
    pricing::{applied, price, refusal},
};
use chrono::{DateTime, Utc};
use contract::{
    discounts::{Claim, ClaimRefusal, ClaimStatus, Pricing, Promotion},
    ids::{OrderId, PromotionId, UserId},
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A request for the use of promotions by an order.
#[derive(Debug)]
pub(crate) enum Request {
    Claim { order_id: OrderId, user_id: UserId, basket: Basket },
    Commit(OrderId),
    Release(OrderId),
}

impl Request {
    pub(crate) fn order_id(&self) -> OrderId {
        match self {
            Self::Claim { order_id, .. } | Self::Commit(order_id) | Self::Release(order_id) => *order_id,
        }
    }
}

/// The claim of an order after a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) claim: Claim,
    /// Whether this request made the claim.
    pub(crate) is_new: bool,
}

/// Why a request changed nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A code of the order cannot be used.
    Unusable(ClaimRefusal),
    /// The order has no claim.
    NotClaimed(OrderId),
    /// The order has released its claim.
    AlreadyReleased,
}

/// The claim of an order and its customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) claim: Claim,
    /// `None` if the claim was released before it was made.
    pub(crate) user_id: Option<UserId>,
}

impl Entry {
    /// Whether the request gives the claim a new status.
    pub(crate) fn is_changed_by(&self, request: &Request) -> bool {
        match request {
            Request::Claim { .. } => false,
            Request::Commit(_) => self.claim.status == ClaimStatus::Claimed,
            Request::Release(_) => self.claim.status != ClaimStatus::Released,
        }
    }

    /// The promotions that the order uses. Each use counts until the claim is released.
    pub(crate) fn used(&self) -> impl Iterator<Item = PromotionId> {
        let counts = self.claim.status != ClaimStatus::Released;
        self.claim.pricing.iter().filter(move |_| counts).flat_map(applied)
    }
}

/// The claims and promotions that a group of requests needs, with the effects of the requests so far.
#[derive(Debug)]
pub(crate) struct Ledger {
    entries: HashMap<OrderId, Entry>,
    /// In the order of their ids.
    promotions: Vec<Promotion>,
    uses: HashMap<UserId, CustomerUses>,
    at: DateTime<Utc>,
    made: HashSet<OrderId>,
    /// The claims that existed before and have a new status.
    settled: HashSet<OrderId>,
    moved: BTreeMap<PromotionId, i64>,
}

impl Ledger {
    /// Creates the state before the first request. `promotions` has the automatic ones and those of the
    /// codes.
    pub(crate) fn new(
        entries: HashMap<OrderId, Entry>,
        promotions: Vec<Promotion>,
        uses: HashMap<UserId, CustomerUses>,
        at: DateTime<Utc>,
    ) -> Self {
        let (made, settled, moved) = (HashSet::new(), HashSet::new(), BTreeMap::new());
        Self { entries, promotions, uses, at, made, settled, moved }
    }

    /// Carries out the next request.
    pub(crate) fn carry_out(&mut self, request: &Request) -> Result<Standing, Refusal> {
        let entry = self.entries.get(&request.order_id()).cloned();
        let claim = match (request, entry) {
            (Request::Claim { order_id, user_id, basket }, None) => {
                let pricing = self.price(*user_id, basket)?;
                // A claim without uses never changes, so the event of the payment need not be waited for.
                let status = match applied(&pricing).next() {
                    Some(_) => ClaimStatus::Claimed,
                    None => ClaimStatus::Committed,
                };
                let claim = Claim { order_id: *order_id, status, pricing: Some(pricing) };
                return Ok(Standing { claim: self.make(claim, Some(*user_id)), is_new: true });
            }
            (Request::Claim { .. }, Some(entry)) => entry.claim,
            (Request::Commit(order_id), None) => return Err(Refusal::NotClaimed(*order_id)),
            (Request::Commit(_), Some(entry)) => match entry.claim.status {
                ClaimStatus::Claimed | ClaimStatus::Committed => self.settle(entry, ClaimStatus::Committed),
                ClaimStatus::Released => return Err(Refusal::AlreadyReleased),
            },
            // A later request to claim finds this claim and uses nothing.
            (Request::Release(order_id), None) => {
                self.make(Claim { order_id: *order_id, status: ClaimStatus::Released, pricing: None }, None)
            }
            (Request::Release(_), Some(entry)) => self.settle(entry, ClaimStatus::Released),
        };
        Ok(Standing { claim, is_new: false })
    }

    fn price(&self, user_id: UserId, basket: &Basket) -> Result<Pricing, Refusal> {
        let none = CustomerUses::new();
        let uses = self.uses.get(&user_id).unwrap_or(&none);
        let pricing = price(basket, &self.promotions, uses, self.at);
        match refusal(&pricing) {
            Some(refusal) => Err(Refusal::Unusable(refusal)),
            None => Ok(pricing),
        }
    }

    fn make(&mut self, claim: Claim, user_id: Option<UserId>) -> Claim {
        let entry = Entry { claim: claim.clone(), user_id };
        self.count(&entry, 1);
        self.made.insert(claim.order_id);
        self.entries.insert(claim.order_id, entry);
        claim
    }

    fn settle(&mut self, mut entry: Entry, status: ClaimStatus) -> Claim {
        if entry.claim.status != status {
            if status == ClaimStatus::Released {
                self.count(&entry, -1);
            }
            entry.claim.status = status;
            if !self.made.contains(&entry.claim.order_id) {
                self.settled.insert(entry.claim.order_id);
            }
            self.entries.insert(entry.claim.order_id, entry.clone());
        }
        entry.claim
    }

    /// Adds the uses of a claim to the counters, or takes them away.
    fn count(&mut self, entry: &Entry, change: i64) {
        for id in entry.used() {
            *self.moved.entry(id).or_default() += change;
            let promotion = self.promotions.iter_mut().find(|promotion| promotion.id == id);
            if let Some(promotion) = promotion {
                promotion.used += change;
            }
            if let Some(user_id) = entry.user_id {
                *self.uses.entry(user_id).or_default().entry(id).or_default() += change;
            }
        }
    }

    /// The new claims.
    pub(crate) fn made(&self) -> Vec<&Entry> {
        self.made.iter().filter_map(|order_id| self.entries.get(order_id)).collect()
    }

    /// The claims that existed before and have a new status.
    pub(crate) fn settled(&self) -> Vec<&Entry> {
        self.settled.iter().filter_map(|order_id| self.entries.get(order_id)).collect()
    }

    /// The changes to the number of orders that use each promotion, summed over all requests.
    pub(crate) fn moved(&self) -> Vec<(PromotionId, i64)> {
        self.moved.iter().map(|(id, change)| (*id, *change)).filter(|(_, change)| *change != 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{basket, line, noon, percent, promotion, terms};
    use contract::discounts::{NotApplied, PromotionTerms};
    use proptest::prelude::*;

    fn limited(total_limit: Option<i64>, customer_limit: Option<i64>) -> Promotion {
        let code = Some("TEN".to_owned());
        promotion("Ten", PromotionTerms { code, total_limit, customer_limit, ..terms(percent(1_000)) })
    }

    fn ledger(promotion: &Promotion) -> Ledger {
        Ledger::new(HashMap::new(), vec![promotion.clone()], HashMap::new(), noon())
    }

    fn claim(order_id: OrderId, user_id: UserId) -> Request {
        Request::Claim { order_id, user_id, basket: basket(&[line("Tea", 1, 1_000)], &["ten"]) }
    }

    fn status(answer: Result<Standing, Refusal>) -> (ClaimStatus, bool) {
        let standing = answer.unwrap();
        (standing.claim.status, standing.is_new)
    }

    fn reason(answer: Result<Standing, Refusal>) -> NotApplied {
        match answer {
            Err(Refusal::Unusable(refusal)) => refusal.reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_released_use_is_free_again() {
        let mut ledger = ledger(&limited(Some(1), None));
        let (ada, grace, user) = (OrderId::new(), OrderId::new(), UserId::new());
        assert_eq!(status(ledger.carry_out(&claim(ada, user))), (ClaimStatus::Claimed, true));
        assert_eq!(reason(ledger.carry_out(&claim(grace, user))), NotApplied::UsedUp);
        assert_eq!(status(ledger.carry_out(&Request::Release(ada))), (ClaimStatus::Released, false));
        assert_eq!(status(ledger.carry_out(&claim(grace, user))), (ClaimStatus::Claimed, true));
        assert_eq!(ledger.moved().len(), 1);
    }

    #[test]
    fn a_customer_uses_a_promotion_up_to_the_limit() {
        let mut ledger = ledger(&limited(None, Some(1)));
        let (ada, grace) = (UserId::new(), UserId::new());
        assert_eq!(status(ledger.carry_out(&claim(OrderId::new(), ada))), (ClaimStatus::Claimed, true));
        assert_eq!(reason(ledger.carry_out(&claim(OrderId::new(), ada))), NotApplied::UsedUpByCustomer);
        assert_eq!(status(ledger.carry_out(&claim(OrderId::new(), grace))), (ClaimStatus::Claimed, true));
    }

    #[test]
    fn a_repeated_request_changes_nothing() {
        let mut ledger = ledger(&limited(Some(1), None));
        let (order, user) = (OrderId::new(), UserId::new());
        let first = ledger.carry_out(&claim(order, user)).unwrap();
        let again = ledger.carry_out(&claim(order, user)).unwrap();
        assert_eq!((again.claim, again.is_new), (first.claim, false));
        for _ in 0..2 {
            assert_eq!(status(ledger.carry_out(&Request::Commit(order))), (ClaimStatus::Committed, false));
        }
        for _ in 0..2 {
            assert_eq!(status(ledger.carry_out(&Request::Release(order))), (ClaimStatus::Released, false));
        }
        assert_eq!(ledger.carry_out(&Request::Commit(order)), Err(Refusal::AlreadyReleased));
        assert_eq!(ledger.moved(), []);
    }

    #[test]
    fn a_release_before_the_claim_prevents_it() {
        let mut ledger = ledger(&limited(Some(1), None));
        let order = OrderId::new();
        assert_eq!(ledger.carry_out(&Request::Commit(order)), Err(Refusal::NotClaimed(order)));
        assert_eq!(status(ledger.carry_out(&Request::Release(order))), (ClaimStatus::Released, false));
        let late = ledger.carry_out(&claim(order, UserId::new())).unwrap().claim;
        assert_eq!((late.status, late.pricing), (ClaimStatus::Released, None));
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Claim(usize),
        Commit(usize),
        Release(usize),
    }

    proptest! {
        #[test]
        fn uses_never_exceed_a_limit_and_equal_the_claims_that_count(
            steps in prop::collection::vec(
                prop_oneof![
                    3 => (0..8_usize).prop_map(Step::Claim),
                    1 => (0..8_usize).prop_map(Step::Commit),
                    1 => (0..8_usize).prop_map(Step::Release),
                ],
                0..60,
            ),
            total_limit in prop::option::of(1..5_i64),
            customer_limit in prop::option::of(1..3_i64),
        ) {
            let orders: Vec<_> = (0..8).map(|_| OrderId::new()).collect();
            let users = [UserId::new(), UserId::new(), UserId::new()];
            let mut ledger = ledger(&limited(total_limit, customer_limit));
            for step in steps {
                drop(ledger.carry_out(&match step {
                    Step::Claim(n) => claim(orders[n], users[n % users.len()]),
                    Step::Commit(n) => Request::Commit(orders[n]),
                    Step::Release(n) => Request::Release(orders[n]),
                }));
                let counts = |user: Option<UserId>| {
                    let of_user = |entry: &&Entry| user.is_none() || entry.user_id == user;
                    let uses = ledger.entries.values().filter(of_user).flat_map(Entry::used).count();
                    i64::try_from(uses).unwrap()
                };
                prop_assert!(total_limit.is_none_or(|limit| counts(None) <= limit));
                for user in users {
                    prop_assert!(customer_limit.is_none_or(|limit| counts(Some(user)) <= limit));
                }
                prop_assert_eq!(ledger.promotions[0].used, counts(None));
            }
        }
    }
}

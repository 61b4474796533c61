//! The invariants. Each function checks a part of one and adds the violations that it finds.

use super::{
    evidence::{Claim, Evidence, Order, Reservation},
    verdict::{
        Invariant::{self, A, B, C, D, E, F, G},
        Violation,
    },
};
use crate::{
    load::{Diary, LoadOutcome, Sighting},
    provider::Account as Money,
};
use contract::{
    ids::OrderId,
    orders::OrderStatus::{Cancelled, Completed, Paid, RefundRequested, Refunded, Rejected},
};
use std::collections::{BTreeMap, BTreeSet};

/// All violations. `poison` has the ids of the messages that must be parked.
pub(super) fn violations(
    evidence: &Evidence,
    outcome: &LoadOutcome,
    poison: &BTreeSet<String>,
) -> Vec<Violation> {
    let mut found = Found(Vec::new());
    for diary in &outcome.diaries {
        found.answers(evidence, diary);
        found.sightings(evidence, diary);
    }
    for (id, order) in &evidence.orders {
        found.money(*id, order, evidence.money.get(id));
        found.history(*id, order);
        found.goods(*id, order, evidence.reservations.get(id));
        found.discounts(*id, order, evidence.claims.get(id));
    }
    found.ledgers(evidence);
    found.queues(evidence);
    found.parking(evidence, poison);
    found.stock(evidence, outcome);
    found.uses(evidence);
    found.deliveries(evidence);
    found.0
}

pub(super) struct Found(Vec<Violation>);

impl Found {
    pub(super) fn add(&mut self, invariant: Invariant, order: Option<OrderId>, what: impl Into<String>) {
        self.0.push(Violation { invariant, order, what: what.into() });
    }

    /// A: every order that was answered 201 exists and is final. No key placed two orders.
    fn answers(&mut self, evidence: &Evidence, diary: &Diary) {
        let answered: BTreeSet<_> = diary.placed.values().copied().flatten().collect();
        for id in &answered {
            match evidence.orders.get(id) {
                None => self.add(A, Some(*id), "was answered 201 and does not exist"),
                Some(order) if !order.status.is_final() => {
                    self.add(A, Some(*id), format!("is still `{}`", order.status));
                }
                Some(_) => {}
            }
        }
        // A request without an answer may have placed one order, but not two.
        let unanswered = diary.placed.values().filter(|order| order.is_none()).count();
        let of_user = evidence.orders.iter().filter(|(_, order)| order.user == diary.user);
        let extra: Vec<_> = of_user.map(|(id, _)| *id).filter(|id| !answered.contains(id)).collect();
        if extra.len() > unanswered {
            for id in extra {
                self.add(A, Some(id), "no answer named this order: a key placed two orders");
            }
        }
        for complaint in &diary.complaints {
            self.add(A, None, format!("customer {}: {complaint}", diary.user));
        }
    }

    /// B: for each order, the provider holds exactly the money that its status requires.
    fn money(&mut self, id: OrderId, order: &Order, money: Option<&Money>) {
        let Some(money) = money else { return };
        let kept = money.captured - money.refunded;
        let (charges, due) = match order.status {
            Paid | Completed | RefundRequested => (1, order.total.unwrap_or_default()),
            _ => (0, 0),
        };
        let status = order.status;
        if money.standing_charges > charges {
            self.add(
                B,
                Some(id),
                format!("{} charges are not refunded, and it is `{status}`", money.standing_charges),
            );
        } else if kept != due {
            self.add(B, Some(id), format!("the provider holds {kept} where {due} is due; it is `{status}`"));
        }
    }

    /// B: every charge has an order and a known outcome. A worker may die before it asks the provider for a started
    /// charge. If the order then ends unpaid, the ledger shows the charge as started for 24 hours, and no money moves.
    fn ledgers(&mut self, evidence: &Evidence) {
        let charged = evidence.money.values().filter(|money| !money.charges.is_empty()).count();
        if charged != evidence.orders_at_provider {
            let unknown = evidence.orders_at_provider.abs_diff(charged);
            self.add(B, None, format!("the provider charged {unknown} orders that do not exist"));
        }
        for (id, attempt, _) in evidence.charges.iter().filter(|(.., status)| status == "started") {
            let has_ended =
                evidence.orders.get(id).is_some_and(|order| matches!(order.status, Cancelled | Rejected));
            let mut attempts = evidence.money.get(id).into_iter().flat_map(|money| &money.charges);
            let was_asked = attempts.any(|charge| charge.attempt == Some(attempt.to_string()));
            if has_ended && !was_asked {
                continue;
            }
            self.add(B, Some(*id), format!("charge {attempt} was started, and its outcome is not known"));
        }
    }

    /// C and D: the events of an order have all versions, and all are published.
    fn history(&mut self, id: OrderId, order: &Order) {
        let versions = order.events.iter().map(|event| event.version);
        if !versions.clone().eq(1..=order.version) {
            let versions: Vec<_> = versions.collect();
            self.add(C, Some(id), format!("has version {}, but events {versions:?}", order.version));
        }
        for event in order.events.iter().filter(|event| !event.published) {
            self.add(D, Some(id), format!("event {} (`{}`) is not published", event.version, event.status));
        }
    }

    /// C: the customer saw every version of each order that was answered 201.
    fn sightings(&mut self, evidence: &Evidence, diary: &Diary) {
        for id in diary.placed.values().copied().flatten() {
            let Some(order) = evidence.orders.get(&id) else { continue };
            let seen = diary.seen.get(&id).map(Vec::as_slice).unwrap_or_default();
            if let Some(wrong) = wrong_sighting(order, seen) {
                self.add(C, Some(id), wrong);
            }
        }
    }

    /// D: work and retry queues are empty.
    fn queues(&mut self, evidence: &Evidence) {
        for (queue, (count, messages)) in &evidence.queues {
            if messages.is_empty() && *count > 0 {
                self.add(D, None, format!("{queue} has {count} messages"));
            }
            for message in messages {
                let what = format!("`{}` waits in {queue}", message.routing_key);
                self.add(D, order_of(&message.properties), what);
            }
        }
    }

    /// E: exactly the injected poison messages are parked.
    fn parking(&mut self, evidence: &Evidence, poison: &BTreeSet<String>) {
        let mut missing = poison.clone();
        for message in &evidence.parked {
            if !missing.remove(message.message_id.as_deref().unwrap_or_default()) {
                self.add(E, message.order, &message.what);
            }
        }
        for id in missing {
            self.add(E, None, format!("poison {id} is not parked"));
        }
    }

    /// F: the reservation of each order fits its status.
    fn goods(&mut self, id: OrderId, order: &Order, reservation: Option<&Reservation>) {
        let state = reservation.map_or("released", |reservation| reservation.status.as_str());
        let right = match order.status {
            Completed => state == "committed",
            Cancelled | Rejected | Refunded => state == "released",
            // Not final: `answers` reports it.
            _ => true,
        };
        if !right {
            self.add(F, Some(id), format!("is `{}`, but its stock is {state}", order.status));
        }
    }

    /// F: for each product, pieces on hand and sold pieces add up to the initial stock, and none is reserved.
    fn stock(&mut self, evidence: &Evidence, outcome: &LoadOutcome) {
        let mut committed: BTreeMap<_, i64> = BTreeMap::new();
        let gone = evidence.reservations.values().filter(|reservation| reservation.status == "committed");
        for line in gone.flat_map(|reservation| &reservation.lines) {
            *committed.entry(line.product_id).or_default() += i64::from(line.quantity);
        }
        for (product, at_first) in &outcome.stock {
            let Some(stock) = evidence.products.get(product) else { continue };
            let sold = committed.get(product).copied().unwrap_or_default();
            if stock.on_hand + sold != *at_first {
                let on_hand = stock.on_hand;
                self.add(
                    F,
                    None,
                    format!("product {product}: {on_hand} on hand + {sold} sold is not {at_first}"),
                );
            }
            if stock.reserved != 0 {
                self.add(F, None, format!("product {product}: {} still reserved", stock.reserved));
            }
        }
    }

    /// G: a completed order has the price of its claim. Other ended orders use no promotion. Orders of a release
    /// before discounts have no claim.
    fn discounts(&mut self, id: OrderId, order: &Order, claim: Option<&Claim>) {
        match (order.status, claim) {
            (Completed, Some(claim)) => {
                if claim.status != "committed" {
                    self.add(G, Some(id), format!("is completed, and its claim is `{}`", claim.status));
                }
                if claim.total != order.total {
                    let (paid, price) = (order.total, claim.total);
                    self.add(G, Some(id), format!("costs {paid:?}, and its claim has the price {price:?}"));
                }
            }
            (Cancelled | Rejected | Refunded, Some(claim)) if !claim.uses.is_empty() => {
                let (status, uses) = (order.status, claim.uses.len());
                self.add(G, Some(id), format!("is `{status}` and uses {uses} promotions"));
            }
            _ => {}
        }
    }

    /// G: the counter of each promotion equals its uses and is within its limit.
    fn uses(&mut self, evidence: &Evidence) {
        let mut uses: BTreeMap<_, i64> = BTreeMap::new();
        for promotion in evidence.claims.values().flat_map(|claim| &claim.uses) {
            *uses.entry(*promotion).or_default() += 1;
        }
        for (id, promotion) in &evidence.promotions {
            let (used, uses) = (promotion.used, uses.get(id).copied().unwrap_or_default());
            if used != uses {
                self.add(
                    G,
                    None,
                    format!("promotion {id}: {used} uses are counted, and {uses} orders use it"),
                );
            }
            if let Some(limit) = promotion.total_limit.filter(|limit| uses > *limit) {
                self.add(G, None, format!("promotion {id}: {uses} orders use it, and its limit is {limit}"));
            }
        }
        for id in evidence.claims.keys().filter(|id| !evidence.orders.contains_key(id)) {
            self.add(G, Some(*id), "has a claim and does not exist");
        }
    }
}

/// The first violation in the pushed statuses of an order, if there is one.
fn wrong_sighting(order: &Order, seen: &[Sighting]) -> Option<String> {
    let versions = || seen.iter().map(|sighting| sighting.version).collect::<Vec<_>>();
    let Some(first) = seen.first() else { return Some("was never seen".to_owned()) };
    if first.version != 1 && !first.snapshot {
        return Some(format!("was seen from version {} on", first.version));
    }
    if !seen.windows(2).all(|pair| pair[1].version == pair[0].version + 1) {
        return Some(format!("was seen as versions {:?}", versions()));
    }
    for sighting in seen {
        let event = order.events.iter().find(|event| event.version == sighting.version)?;
        if event.status != sighting.status {
            let (version, was) = (sighting.version, event.status);
            return Some(format!("version {version} was seen as `{}` and is `{was}`", sighting.status));
        }
    }
    let last = seen.last()?;
    (last.version != order.version)
        .then(|| format!("was last seen as version {} of {}", last.version, order.version))
}

fn order_of(properties: &serde_json::Value) -> Option<OrderId> {
    properties["correlation_id"].as_str()?.parse().ok()
}

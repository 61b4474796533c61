//! Compares the three records of payments: the orders, payment-worker's ledger and the provider's list.

use chrono::{DateTime, Utc};
use contract::{
    ids::OrderId,
    money::Money,
    orders::{Order, OrderStatus},
    payments::{ChargeStatus, LedgerCharge, ProviderCharge, ProviderChargeStatus},
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// The records of all orders that were read.
#[derive(Debug, Default)]
pub struct Books(BTreeMap<OrderId, Book>);

/// The records of one order.
#[derive(Debug, Default)]
struct Book {
    order: Option<OrderState>,
    ledger: Vec<LedgerCharge>,
    provider: Vec<ProviderCharge>,
}

/// The part of an order that is compared.
#[derive(Clone, Copy, Debug)]
struct OrderState {
    status: OrderStatus,
    total: Option<Money>,
    updated_at: DateTime<Utc>,
}

/// A difference between the records of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The order.
    pub order_id: OrderId,
    /// The kind of difference.
    pub kind: DifferenceKind,
    /// One sentence with the amounts and ids.
    pub detail: String,
}

/// The kinds of differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The provider has a charge that is not in the ledger.
    NotInLedger,
    /// The ledger has a charge that is not at the provider.
    NotAtProvider,
    /// Ledger and provider disagree on the result of a charge or on its payment id.
    OutcomeDiffers,
    /// The amounts of a charge differ, or those of the order and its charge.
    AmountDiffers,
    /// Ledger and provider disagree on a refund.
    RefundDiffers,
    /// The provider holds money for an order that is not paid, or that does not exist.
    NotDue,
    /// The order is paid, and the provider holds no money for it.
    NotPaid,
    /// The provider holds more than one payment for the order.
    PaidTwice,
    /// There is a charge, and order-service does not know the order.
    NoOrder,
}

/// The result of a comparison.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// All differences, sorted by order.
    pub differences: Vec<Difference>,
    /// The number of compared orders.
    pub compared: usize,
    /// The number of orders that were skipped because a record changed too recently.
    pub under_way: usize,
}

impl Books {
    /// Adds an order.
    pub fn add_order(&mut self, order: &Order) {
        let Order { status, total, updated_at, .. } = *order;
        self.0.entry(order.id).or_default().order = Some(OrderState { status, total, updated_at });
    }

    /// Adds a charge of the ledger.
    pub fn add_ledger_charge(&mut self, charge: LedgerCharge) {
        self.0.entry(charge.order_id).or_default().ledger.push(charge);
    }

    /// Adds a charge of the provider's list. Returns false if the charge belongs to no order of this shop.
    pub fn add_provider_charge(&mut self, charge: ProviderCharge) -> bool {
        let Some(order_id) = charge.order_id else { return false };
        self.0.entry(order_id).or_default().provider.push(charge);
        true
    }

    /// Compares the records of orders placed at `since` or later.
    ///
    /// The three records are read one after the other. An order that changes during this time may differ
    /// without a fault. So orders with a change after `unchanged_since` are only counted.
    #[must_use]
    pub fn compare(&self, since: DateTime<Utc>, unchanged_since: DateTime<Utc>) -> Comparison {
        let mut result = Comparison { differences: Vec::new(), compared: 0, under_way: 0 };
        for (order_id, book) in self.0.range(OrderId::earliest(since)..) {
            if book.changed_after(unchanged_since) {
                result.under_way += 1;
                continue;
            }
            result.compared += 1;
            let found = book.differences().into_iter();
            result.differences.extend(found.map(|(kind, detail)| Difference {
                order_id: *order_id,
                kind,
                detail,
            }));
        }
        result
    }
}

type Found = Vec<(DifferenceKind, String)>;

impl Book {
    fn changed_after(&self, moment: DateTime<Utc>) -> bool {
        self.order.is_some_and(|order| order.updated_at > moment)
            || self.ledger.iter().any(|charge| charge.updated_at > moment)
            || self.provider.iter().any(|charge| charge.created_at > moment)
    }

    fn differences(&self) -> Found {
        let mut found = Found::new();
        for charge in &self.provider {
            self.compare_with_ledger(charge, &mut found);
        }
        for charge in &self.ledger {
            self.compare_with_provider(charge, &mut found);
        }
        self.compare_with_order(&mut found);
        found
    }

    /// Compares one of the provider's charges with the ledger.
    fn compare_with_ledger(&self, at_provider: &ProviderCharge, found: &mut Found) {
        use ProviderChargeStatus as P;

        let ProviderCharge { payment_id, status, charged, refunded_minor, .. } = at_provider;
        let Some(ours) = self.ledger.iter().find(|ours| Some(ours.attempt) == at_provider.attempt) else {
            let detail =
                format!("the provider has {charged} as {status} ({payment_id}); the ledger does not have it");
            return found.push((DifferenceKind::NotInLedger, detail));
        };
        let attempt = ours.attempt;
        let is_same = ours.payment_id.as_ref() == Some(payment_id);
        let agree = match (status, ours.status) {
            (P::Captured, ChargeStatus::Captured | ChargeStatus::Refunded) => is_same,
            (P::Pending, ChargeStatus::Started) | (P::Failed, ChargeStatus::Declined) => true,
            // Another try of the same attempt failed, besides the one that succeeded.
            (P::Failed, ChargeStatus::Captured | ChargeStatus::Refunded) => !is_same,
            (P::Captured | P::Pending, _) | (P::Failed, ChargeStatus::Started) => false,
        };
        if !agree {
            let known = ours.payment_id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
            let detail = format!(
                "attempt {attempt} is {status} at the provider ({payment_id}) and {}{known} in the ledger",
                ours.status
            );
            return found.push((DifferenceKind::OutcomeDiffers, detail));
        }
        if *status != P::Captured {
            return;
        }
        if *charged != ours.charged {
            let detail =
                format!("attempt {attempt} is {charged} at the provider and {} in the ledger", ours.charged);
            found.push((DifferenceKind::AmountDiffers, detail));
        }
        let back = Money { amount_minor: *refunded_minor, ..*charged };
        let agree = match ours.status {
            ChargeStatus::Refunded => !at_provider.holds_money(),
            _ => *refunded_minor == 0,
        };
        if !agree {
            let detail = format!(
                "{back} of {charged} went back at the provider ({payment_id}); attempt {attempt} is {} in the ledger",
                ours.status
            );
            found.push((DifferenceKind::RefundDiffers, detail));
        }
    }

    /// Checks that the provider has one of the ledger's charges.
    fn compare_with_provider(&self, ours: &LedgerCharge, found: &mut Found) {
        let LedgerCharge { attempt, status, payment_id, .. } = ours;
        let is_there = match payment_id {
            Some(payment_id) => self.provider.iter().any(|charge| charge.payment_id == *payment_id),
            // A declined charge may not exist at the provider.
            None => {
                *status == ChargeStatus::Declined
                    || self.provider.iter().any(|charge| charge.attempt == Some(*attempt))
            }
        };
        // A payment with another id is reported by `compare_with_ledger`.
        let is_named = self.provider.iter().any(|charge| charge.attempt == Some(*attempt));
        if !is_there && !is_named {
            let id = payment_id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
            let detail = format!(
                "attempt {attempt} over {} is {}{id} in the ledger; the provider does not have it",
                ours.charged, status
            );
            found.push((DifferenceKind::NotAtProvider, detail));
        }
    }

    /// Compares the order with all charges.
    fn compare_with_order(&self, found: &mut Found) {
        use OrderStatus as S;

        let standing: Vec<_> = self.provider.iter().filter(|charge| charge.holds_money()).collect();
        let held = || {
            let payments =
                standing.iter().map(|charge| format!("{} ({})", charge.charged, charge.payment_id));
            payments.collect::<Vec<_>>().join(" and ")
        };
        let Some(OrderState { status, total, .. }) = self.order else {
            let detail = match standing.as_slice() {
                [] => "there is a charge, and order-service does not know the order".to_owned(),
                _ => format!("the provider holds {} and order-service does not know the order", held()),
            };
            return found.push((DifferenceKind::NoOrder, detail));
        };
        let is_due = match status {
            S::Paid | S::Completed | S::RefundRequested => true,
            S::New | S::Reserved | S::Rejected | S::PaymentFailed | S::Cancelled | S::Refunded => false,
        };
        match (is_due, standing.as_slice()) {
            (false, []) | (true, [_]) => {}
            (true, []) => {
                let detail = format!("the order is {status}, and the provider holds no money for it");
                found.push((DifferenceKind::NotPaid, detail));
            }
            (false, _) => {
                let detail = format!("the order is {status}, and the provider holds {}", held());
                found.push((DifferenceKind::NotDue, detail));
            }
            (true, _) => {
                let detail = format!("the order is {status}, and the provider holds {}", held());
                found.push((DifferenceKind::PaidTwice, detail));
            }
        }
        for ours in self.ledger.iter().filter(|ours| total.is_some_and(|total| total != ours.total)) {
            let expected = total.map(|total| total.to_string()).unwrap_or_default();
            let detail = format!(
                "attempt {} is over {} in the ledger; the order costs {expected}",
                ours.attempt, ours.total
            );
            found.push((DifferenceKind::AmountDiffers, detail));
        }
    }
}

impl DifferenceKind {
    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotInLedger => "not_in_ledger",
            Self::NotAtProvider => "not_at_provider",
            Self::OutcomeDiffers => "outcome_differs",
            Self::AmountDiffers => "amount_differs",
            Self::RefundDiffers => "refund_differs",
            Self::NotDue => "not_due",
            Self::NotPaid => "not_paid",
            Self::PaidTwice => "paid_twice",
            Self::NoOrder => "no_order",
        }
    }
}

/// One line.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}: {}", self.order_id, self.kind.as_str(), self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DifferenceKind as K;
    use std::slice::from_ref;

    fn eur(amount_minor: i64) -> Money {
        Money { amount_minor, currency: "EUR".parse().unwrap() }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn ledger(attempt: u32, status: ChargeStatus, payment_id: Option<&str>) -> LedgerCharge {
        LedgerCharge {
            order_id: OrderId::default(),
            attempt,
            status,
            total: eur(900),
            charged: eur(900),
            payment_id: payment_id.map(str::to_owned),
            decline_code: None,
            refund_id: None,
            started_at: at(0),
            updated_at: at(0),
        }
    }

    fn provider(
        attempt: u32,
        status: ProviderChargeStatus,
        payment_id: &str,
        refunded: i64,
    ) -> ProviderCharge {
        ProviderCharge {
            payment_id: payment_id.to_owned(),
            order_id: None,
            attempt: Some(attempt),
            status,
            charged: eur(900),
            refunded_minor: refunded,
            created_at: at(0),
        }
    }

    fn book(status: Option<OrderStatus>, ledger: &[LedgerCharge], provider: &[ProviderCharge]) -> Book {
        let order = status.map(|status| OrderState { status, total: Some(eur(900)), updated_at: at(0) });
        Book { order, ledger: ledger.to_vec(), provider: provider.to_vec() }
    }

    fn kinds(book: &Book) -> Vec<DifferenceKind> {
        book.differences().into_iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn matching_records_have_no_difference() {
        use {ChargeStatus as C, OrderStatus as S, ProviderChargeStatus as P};
        let captured = ledger(1, C::Captured, Some("pi_1"));
        let refunded = ledger(1, C::Refunded, Some("pi_1"));
        let (declined, again) = (ledger(1, C::Declined, None), ledger(2, C::Captured, Some("pi_2")));
        let kept = provider(1, P::Captured, "pi_1", 0);
        let back = provider(1, P::Captured, "pi_1", 900);
        for agrees in [
            book(Some(S::New), &[], &[]),
            book(Some(S::Completed), from_ref(&captured), from_ref(&kept)),
            book(Some(S::RefundRequested), &[captured], &[kept]),
            book(Some(S::Refunded), from_ref(&refunded), from_ref(&back)),
            book(Some(S::Cancelled), &[refunded], &[back]),
            book(Some(S::Reserved), &[ledger(1, C::Started, None)], &[provider(1, P::Pending, "pi_1", 0)]),
            book(Some(S::PaymentFailed), from_ref(&declined), &[]),
            book(
                Some(S::Paid),
                &[declined, again],
                &[provider(2, P::Captured, "pi_2", 0), provider(1, P::Failed, "pi_1", 0)],
            ),
        ] {
            assert_eq!(kinds(&agrees), [], "{agrees:?}");
        }
    }

    #[test]
    fn each_difference_is_reported() {
        use {ChargeStatus as C, OrderStatus as S, ProviderChargeStatus as P};
        let started = ledger(1, C::Started, None);
        let captured = ledger(1, C::Captured, Some("pi_1"));
        let refunded = ledger(1, C::Refunded, Some("pi_1"));
        let kept = provider(1, P::Captured, "pi_1", 0);
        let other = provider(1, P::Captured, "pi_2", 0);
        let cheaper = ProviderCharge { charged: eur(100), ..kept.clone() };
        let dearer = LedgerCharge { total: eur(901), ..captured.clone() };
        for (differs, expected) in [
            // The worker crashed after the capture, and the order was cancelled.
            (
                book(Some(S::Cancelled), from_ref(&started), from_ref(&kept)),
                vec![K::OutcomeDiffers, K::NotDue],
            ),
            // The order was lost with a restored database.
            (book(None, from_ref(&captured), from_ref(&kept)), vec![K::NoOrder]),
            // The ledger entry was lost.
            (book(Some(S::Completed), &[], from_ref(&kept)), vec![K::NotInLedger]),
            (book(Some(S::Completed), from_ref(&captured), &[]), vec![K::NotAtProvider, K::NotPaid]),
            (book(Some(S::Reserved), &[started], &[]), vec![K::NotAtProvider]),
            (
                book(Some(S::Completed), from_ref(&captured), &[kept.clone(), other]),
                vec![K::OutcomeDiffers, K::PaidTwice],
            ),
            (book(Some(S::Completed), from_ref(&captured), &[cheaper]), vec![K::AmountDiffers]),
            (book(Some(S::Completed), &[dearer], from_ref(&kept)), vec![K::AmountDiffers]),
            (book(Some(S::Refunded), &[refunded], &[kept]), vec![K::RefundDiffers, K::NotDue]),
            (
                book(Some(S::Completed), &[captured], &[provider(1, P::Captured, "pi_1", 900)]),
                vec![K::RefundDiffers, K::NotPaid],
            ),
        ] {
            assert_eq!(kinds(&differs), expected, "{differs:?}");
        }
    }

    #[test]
    fn changing_and_old_orders_are_not_compared() {
        let (old, moving, still) =
            (OrderId::earliest(at(50)), OrderId::earliest(at(150)), OrderId::earliest(at(160)));
        let mut books = Books::default();
        for order_id in [old, moving, still] {
            books.add_ledger_charge(LedgerCharge { order_id, ..ledger(1, ChargeStatus::Started, None) });
        }
        let recent = ProviderCharge {
            order_id: Some(moving),
            created_at: at(200),
            ..provider(1, ProviderChargeStatus::Pending, "pi_1", 0)
        };
        assert!(books.add_provider_charge(recent));
        assert!(!books.add_provider_charge(provider(1, ProviderChargeStatus::Captured, "pi_9", 0)));

        let found = books.compare(at(100), at(199));
        assert_eq!((found.compared, found.under_way), (1, 1));
        assert!(found.differences.iter().all(|difference| difference.order_id == still), "{found:?}");
        assert!(
            found.differences[0].to_string().starts_with(&format!("{still}  not_at_provider: attempt 1"))
        );
    }
}

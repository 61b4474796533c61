//! The ledger in memory, with indexes for requests.

use super::record::{Entry, Record, SavedAnswer};
use crate::domain::{payment_intent::PaymentIntent, refund::Refund};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};

/// All charges, refunds and answers.
#[derive(Default)]
pub(crate) struct Book {
    /// By id, which sorts by creation time.
    charges: BTreeMap<String, Charge>,
    /// The payment ids of each order, oldest first.
    by_order: BTreeMap<String, Vec<String>>,
    /// The payment id of each refund, by refund id.
    refunds: HashMap<String, String>,
    /// By idempotency key, with the time of the answer.
    answers: HashMap<String, (DateTime<Utc>, SavedAnswer)>,
}

/// A payment and its refunds.
#[derive(Debug)]
pub(crate) struct Charge {
    /// The payment.
    pub payment: PaymentIntent,
    /// The refunds, oldest first.
    pub refunds: Vec<Refund>,
}

impl Charge {
    /// The refunded amount in the currency's smallest unit.
    pub(crate) fn refunded(&self) -> u64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// Whether the charge is captured and not fully refunded.
    pub(crate) fn is_standing(&self) -> bool {
        self.payment.amount_received > self.refunded()
    }
}

impl Book {
    /// Applies a decision. It makes no decision itself, because it also replays the file.
    pub(crate) fn enter(&mut self, record: Record) {
        match record.entry {
            Some(Entry::PaymentIntent(payment)) => {
                if let Some(order_id) = payment.order_id() {
                    self.by_order.entry(order_id.to_owned()).or_default().push(payment.id.clone());
                }
                self.charges.insert(payment.id.clone(), Charge { payment, refunds: Vec::new() });
            }
            Some(Entry::Refund(refund)) => {
                self.refunds.insert(refund.id.clone(), refund.payment_intent.clone());
                if let Some(charge) = self.charges.get_mut(&refund.payment_intent) {
                    charge.refunds.push(refund);
                }
            }
            None => {}
        }
        if let Some(saved) = record.saved
            && let Some(key) = saved.call.key.clone()
        {
            self.answers.insert(key, (record.at, saved));
        }
    }

    /// The saved answer of `key`, unless it is older than `oldest`.
    pub(crate) fn answer(&self, key: &str, oldest: DateTime<Utc>) -> Option<&SavedAnswer> {
        self.answers.get(key).filter(|(at, _)| *at >= oldest).map(|(_, saved)| saved)
    }

    /// The payment with this id.
    pub(crate) fn charge(&self, id: &str) -> Option<&Charge> {
        self.charges.get(id)
    }

    /// The refund with this id.
    pub(crate) fn refund(&self, id: &str) -> Option<&Refund> {
        self.charge(self.refunds.get(id)?)?.refunds.iter().find(|refund| refund.id == id)
    }

    /// All payments, oldest first.
    pub(crate) fn charges(&self) -> impl DoubleEndedIterator<Item = &Charge> {
        self.charges.values()
    }

    /// The payments of an order, oldest first.
    pub(crate) fn charges_of(&self, order_id: &str) -> impl DoubleEndedIterator<Item = &Charge> {
        self.by_order.get(order_id).into_iter().flatten().filter_map(|id| self.charges.get(id))
    }

    /// All orders with an attempted payment.
    pub(crate) fn orders(&self) -> impl Iterator<Item = &str> {
        self.by_order.keys().map(String::as_str)
    }
}

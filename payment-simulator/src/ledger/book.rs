//! The ledger in memory, as it is asked.

use super::record::{Entry, Record, SavedAnswer};
use crate::domain::{payment_intent::PaymentIntent, refund::Refund};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};

/// Every charge, refund and answer.
#[derive(Default)]
pub(crate) struct Book {
    /// By id, which is the order of creation.
    charges: BTreeMap<String, Charge>,
    /// Ids of an order's payments, oldest first.
    by_order: BTreeMap<String, Vec<String>>,
    /// Whose refund it is: a refund's id to its payment's.
    refunds: HashMap<String, String>,
    /// By idempotency key, with the time of the answer.
    answers: HashMap<String, (DateTime<Utc>, SavedAnswer)>,
}

/// A payment and what went back of it.
#[derive(Debug)]
pub(crate) struct Charge {
    /// The payment.
    pub payment: PaymentIntent,
    /// What went back, oldest first.
    pub refunds: Vec<Refund>,
}

impl Charge {
    /// How much went back, in the currency's smallest unit.
    pub(crate) fn refunded(&self) -> u64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// Whether the merchant still has any of it.
    pub(crate) fn is_standing(&self) -> bool {
        self.payment.amount_received > self.refunded()
    }
}

impl Book {
    /// Enters what was decided. Also used to replay the file, so it decides nothing itself.
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

    /// The answer that `key` got, where that was not before `oldest`.
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

    /// Every payment, oldest first.
    pub(crate) fn charges(&self) -> impl DoubleEndedIterator<Item = &Charge> {
        self.charges.values()
    }

    /// An order's payments, oldest first.
    pub(crate) fn charges_of(&self, order_id: &str) -> impl DoubleEndedIterator<Item = &Charge> {
        self.by_order.get(order_id).into_iter().flatten().filter_map(|id| self.charges.get(id))
    }

    /// Every order that was tried to be paid.
    pub(crate) fn orders(&self) -> impl Iterator<Item = &str> {
        self.by_order.keys().map(String::as_str)
    }
}

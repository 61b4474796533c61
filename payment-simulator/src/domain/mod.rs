//! What the provider knows of cards, payments and refunds, apart from how it is asked.

pub(crate) mod currency;
pub(crate) mod payment_intent;
pub(crate) mod payment_method;
pub(crate) mod refund;
pub(crate) mod search;

use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The merchant's own key-value pairs on an object; the worker keeps the order's id here.
pub(crate) type Metadata = BTreeMap<String, String>;

/// The most that Stripe charges at once: eight digits of the smallest unit
/// (<https://docs.stripe.com/api/payment_intents/create>, `amount`).
pub(crate) const MAX_AMOUNT: u64 = 99_999_999;

/// A new object's id, such as `pi_0190…`. It sorts by time, so that the ledger's order of ids is
/// the order of creation.
fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::now_v7().simple())
}

/// A moment as Stripe writes it: whole seconds since 1970.
fn seconds(at: DateTime<Utc>) -> i64 {
    at.timestamp()
}

//! The provider's rules for cards, payments and refunds, without HTTP.

pub(crate) mod currency;
pub(crate) mod payment_intent;
pub(crate) mod payment_method;
pub(crate) mod refund;
pub(crate) mod search;

use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The merchant's key-value pairs of an object. payment-worker stores the order id here.
pub(crate) type Metadata = BTreeMap<String, String>;

/// The largest amount of a charge: eight digits of the smallest unit
/// (<https://docs.stripe.com/api/payment_intents/create>, `amount`).
pub(crate) const MAX_AMOUNT: u64 = 99_999_999;

/// A new object id, such as `pi_0190…`. Ids sort by creation time.
fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::now_v7().simple())
}

/// A time in Stripe's format: whole seconds since 1970.
fn seconds(at: DateTime<Utc>) -> i64 {
    at.timestamp()
}

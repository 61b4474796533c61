//! The ledger of the payment provider, and its faults.

use crate::{answer::answer, shop::Shop};
use contract::ids::OrderId;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

const SIMULATOR: &str = "payment-simulator";

/// The payment provider of a shop.
pub struct Provider<'a>(&'a Shop);

/// The payments and refunds of one order at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// The sum of all captures, in cents.
    pub captured: i64,
    /// The sum of all refunds, in cents.
    pub refunded: i64,
    /// The number of captured charges that were not fully refunded.
    pub standing_charges: usize,
    /// All attempted charges, oldest first.
    pub charges: Vec<Charge>,
}

/// One attempted charge.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Charge {
    /// The number of the payment attempt, from the metadata.
    pub attempt: Option<String>,
    /// The status of the payment, such as `succeeded`.
    pub status: String,
    /// The reason of a decline.
    pub decline_code: Option<String>,
    /// The captured amount, in cents.
    pub captured: i64,
    /// The refunded amount, in cents.
    pub refunded: i64,
}

impl Account {
    /// Whether the provider never captured money.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.captured == 0 && self.refunded == 0
    }

    /// Whether the provider captured this amount exactly once and refunded nothing.
    #[must_use]
    pub fn holds_once(&self, amount: i64) -> bool {
        let captures = self.charges.iter().filter(|charge| charge.captured > 0).count();
        captures == 1 && self.standing_charges == 1 && self.captured == amount && self.refunded == 0
    }

    /// Whether the provider captured this amount exactly once and refunded all of it.
    #[must_use]
    pub fn paid_back(&self, amount: i64) -> bool {
        let captures = self.charges.iter().filter(|charge| charge.captured > 0).count();
        captures == 1 && self.standing_charges == 0 && self.captured == amount && self.refunded == amount
    }
}

impl<'a> Provider<'a> {
    pub(crate) fn new(shop: &'a Shop) -> Self {
        Self(shop)
    }

    /// The payments and refunds of an order.
    pub async fn account_of(&self, order: OrderId) -> Account {
        let path = format!("/simulator/orders/{order}");
        let answered = answer(self.0.request(Method::GET, SIMULATOR, &path)).await;
        serde_json::from_value(answered.body).expect("an order's account")
    }

    /// The number of orders that the provider was asked to charge.
    pub async fn orders(&self) -> usize {
        let answered = answer(self.0.request(Method::GET, SIMULATOR, "/simulator/ledger")).await;
        let orders = answered.body["orders"].as_u64().expect("a number of orders");
        usize::try_from(orders).expect("a small number")
    }

    /// Switches these faults on and all others off. `json!({})` switches all off.
    pub async fn has_faults(&self, faults: Value) {
        let request = self.0.request(Method::PUT, SIMULATOR, "/simulator/faults").json(&faults);
        assert_eq!(answer(request).await.status, 200, "{faults}");
    }

    /// Switches all faults off.
    pub async fn recovers(&self) {
        self.has_faults(json!({})).await;
    }
}

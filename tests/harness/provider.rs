//! The payment provider's own ledger, and its faults.

use crate::{answer::answer, shop::Shop};
use contract::ids::OrderId;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

const SIMULATOR: &str = "payment-simulator";

/// The payment provider of a shop.
pub struct Provider<'a>(&'a Shop);

/// What the provider has for one order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// Sum of what was captured, in cents.
    pub captured: i64,
    /// Sum of what went back.
    pub refunded: i64,
    /// Captured charges that did not wholly go back.
    pub standing_charges: usize,
    /// Everything that was tried, oldest first.
    pub charges: Vec<Charge>,
}

/// One try to charge.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Charge {
    /// Which try it was.
    pub attempt: Option<String>,
    /// `succeeded`, or what else became of it.
    pub status: String,
    /// Why it was declined.
    pub decline_code: Option<String>,
    /// What was captured.
    pub captured: i64,
    /// What went back.
    pub refunded: i64,
}

impl Account {
    /// Nothing was ever captured.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.captured == 0 && self.refunded == 0
    }

    /// Exactly one charge, of this amount, and the shop still has it.
    #[must_use]
    pub fn holds_once(&self, amount: i64) -> bool {
        let captures = self.charges.iter().filter(|charge| charge.captured > 0).count();
        captures == 1 && self.standing_charges == 1 && self.captured == amount && self.refunded == 0
    }

    /// Exactly one charge, of this amount, and the customer has all of it back.
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

    /// What it has for an order.
    pub async fn account_of(&self, order: OrderId) -> Account {
        let path = format!("/simulator/orders/{order}");
        let answered = answer(self.0.request(Method::GET, SIMULATOR, &path)).await;
        serde_json::from_value(answered.body).expect("an order's account")
    }

    /// How many orders it was asked to charge.
    pub async fn orders(&self) -> usize {
        let answered = answer(self.0.request(Method::GET, SIMULATOR, "/simulator/ledger")).await;
        let orders = answered.body["orders"].as_u64().expect("a number of orders");
        usize::try_from(orders).expect("a small number")
    }

    /// From now on it has these faults; `json!({})` for none.
    pub async fn suffers(&self, faults: Value) {
        let request = self.0.request(Method::PUT, SIMULATOR, "/simulator/faults").json(&faults);
        assert_eq!(answer(request).await.status, 200, "{faults}");
    }

    /// From now on it has no fault.
    pub async fn recovers(&self) {
        self.suffers(json!({})).await;
    }
}

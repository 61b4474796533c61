//! What order-service takes and answers.

use crate::problems::ProblemDetails;
use crate::{
    countries::CountryCode,
    ids::{EventId, OrderId, ProductId, UserId},
    money::Money,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Accepted; stock not yet reserved.
    New,
    /// Stock is held and the price fixed; waiting for the payment.
    Reserved,
    /// The shop could not take the order. Final.
    Rejected,
    /// Charged.
    Paid,
    /// The payment was declined; the stock stays held for another try.
    PaymentFailed,
    /// Called off before it was paid. Final.
    Cancelled,
    /// Done. Final, unless refunded.
    Completed,
    /// The money is on its way back.
    RefundRequested,
    /// The money is back. Final.
    Refunded,
}

impl OrderStatus {
    /// All of them, in the order in which an order may pass them.
    pub const ALL: [Self; 9] = [
        Self::New,
        Self::Reserved,
        Self::Rejected,
        Self::Paid,
        Self::PaymentFailed,
        Self::Cancelled,
        Self::Completed,
        Self::RefundRequested,
        Self::Refunded,
    ];

    /// The name used in JSON, in the database and in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reserved => "reserved",
            Self::Rejected => "rejected",
            Self::Paid => "paid",
            Self::PaymentFailed => "payment_failed",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::RefundRequested => "refund_requested",
            Self::Refunded => "refunded",
        }
    }

    /// Whether nothing moves the order on by itself. A completed order is final though staff may
    /// still refund it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Rejected | Self::Cancelled | Self::Completed | Self::Refunded)
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for OrderStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

/// A word that is no order status.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an order status")]
pub struct UnknownStatus(String);

/// Why an order was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// Less is available than was ordered.
    OutOfStock,
    /// The catalogue has no such product.
    UnknownProduct,
    /// The total is not the one that the customer expected.
    PriceChanged,
}

impl RejectReason {
    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutOfStock => "out_of_stock",
            Self::UnknownProduct => "unknown_product",
            Self::PriceChanged => "price_changed",
        }
    }
}

/// One product and how many of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The product.
    pub product_id: ProductId,
    /// Pieces, 1 to 1,000.
    #[schema(minimum = 1, maximum = 1000, example = 2)]
    pub quantity: u32,
}

/// An item with what it was called and cost at the moment of reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// The product.
    pub product_id: ProductId,
    /// Its name then.
    #[schema(example = "Earl Grey, 100 g")]
    pub name: String,
    /// Pieces.
    #[schema(example = 2, value_type = u64)]
    pub quantity: u32,
    /// Price of one then.
    pub unit_price: Money,
}

/// Where to send the goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Who receives it.
    #[schema(example = "Ada Lovelace", min_length = 1, max_length = 200)]
    pub name: String,
    /// Street and number.
    #[schema(example = "12 St James's Square", min_length = 1, max_length = 200)]
    pub street: String,
    /// Town.
    #[schema(example = "London", min_length = 1, max_length = 200)]
    pub city: String,
    /// Postal code.
    #[schema(example = "SW1Y 4JH", min_length = 1, max_length = 200)]
    pub postal_code: String,
    /// The country's code.
    #[schema(value_type = CountryCode)]
    pub country: String,
}

/// Body of `POST /orders`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {
    /// 1 to 100 products, each once.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<Item>,
    /// A token of the payment provider; card numbers never enter this system.
    #[schema(example = "pm_card_visa", pattern = "^pm_[A-Za-z0-9_]{1,100}$")]
    pub payment_method: String,
    /// Reject the order where the total turns out to be another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<super::money::ExpectedTotal>)]
    pub expected_total: Option<Money>,
    /// Where to send the goods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<Address>,
    /// A note to the shop, at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// Body of `POST /orders/{id}/payment`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayAgain {
    /// Another token of the payment provider.
    #[schema(example = "pm_card_visa", pattern = "^pm_[A-Za-z0-9_]{1,100}$")]
    pub payment_method: String,
}

/// An order, as its owner and staff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Who placed it.
    pub user_id: UserId,
    /// Where it stands.
    pub status: OrderStatus,
    /// Counts its changes, from 1.
    pub version: u32,
    /// Which try to pay is under way, from 1.
    pub attempt: u32,
    /// What was ordered.
    pub items: Vec<Item>,
    /// What was ordered with names and prices, once reserved.
    pub lines: Option<Vec<Line>>,
    /// What it costs, once reserved.
    pub total: Option<Money>,
    /// What the customer expected it to cost.
    pub expected_total: Option<Money>,
    /// The payment method in use.
    pub payment_method: String,
    /// Where to send it.
    pub shipping_address: Option<Address>,
    /// The customer's word to the shop.
    pub note: Option<String>,
    /// Why it was rejected or the payment failed; `expired` if it was not paid in time.
    #[schema(example = "insufficient_funds")]
    pub reason: Option<String>,
    /// One sentence for the customer on why it was rejected: it names the product, or the old and the new total.
    #[schema(example = "Earl Grey, 100 g: 1 left, 2 ordered.")]
    pub detail: Option<String>,
    /// When it was placed.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// One step of an order's way, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderHistoryEntry {
    /// The event's id.
    pub id: EventId,
    /// The event's name, such as `order_paid`.
    #[serde(rename = "type")]
    #[schema(example = "order_paid")]
    pub name: String,
    /// The order's version after it.
    pub version: u32,
    /// The order's status after it.
    pub status: OrderStatus,
    /// Why, for `rejected` and `payment_failed`; `expired` for `cancelled`, if it was not paid in time.
    pub reason: Option<String>,
    /// One sentence for the customer, for `rejected`.
    #[schema(example = "Earl Grey, 100 g: 1 left, 2 ordered.")]
    pub detail: Option<String>,
    /// When it happened.
    pub at: DateTime<Utc>,
}

/// Body of `PATCH /orders/{id}`: a worker says how far the order has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
pub enum StatusUpdate {
    /// Stock is held.
    Reserved {
        /// What is held, priced.
        lines: Vec<Line>,
        /// Sum of the lines.
        total: Money,
    },
    /// The shop cannot take the order.
    Rejected {
        /// Why.
        reason: RejectReason,
        /// One sentence for the customer.
        detail: String,
    },
    /// The charge was captured.
    Paid {
        /// The try that succeeded.
        #[schema(value_type = u64)]
        attempt: u32,
        /// The provider's id of the payment.
        payment_id: String,
    },
    /// The charge was declined.
    PaymentFailed {
        /// The try that failed.
        #[schema(value_type = u64)]
        attempt: u32,
        /// The provider's code, such as `insufficient_funds`.
        reason: String,
    },
    /// The stock has left the warehouse.
    Completed {},
    /// The money is back.
    Refunded {
        /// The provider's id of the refund.
        refund_id: String,
    },
}

/// Body of `PATCH /orders`: how far several orders have come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusUpdates {
    /// One for each order, 64 at most.
    pub updates: Vec<OrderUpdate>,
}

/// How far one of them has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderUpdate {
    /// The order.
    pub order_id: OrderId,
    /// How far it has come.
    pub update: StatusUpdate,
    /// The W3C Trace Context of what led to it: each has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

/// Answer to `PATCH /orders`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StatusAnswers {
    /// In the order of the updates.
    pub answers: Vec<StatusAnswer>,
}

/// What became of one update.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StatusAnswer {
    /// The order.
    pub order_id: OrderId,
    /// Why it is not there; where this is missing it is, now or before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDetails>,
}

impl StatusUpdates {
    /// The most updates in one request.
    pub const MAX_BATCH: usize = 64;
}

impl StatusUpdate {
    /// The status it leads to.
    #[must_use]
    pub const fn status(&self) -> OrderStatus {
        match self {
            Self::Reserved { .. } => OrderStatus::Reserved,
            Self::Rejected { .. } => OrderStatus::Rejected,
            Self::Paid { .. } => OrderStatus::Paid,
            Self::PaymentFailed { .. } => OrderStatus::PaymentFailed,
            Self::Completed {} => OrderStatus::Completed,
            Self::Refunded { .. } => OrderStatus::Refunded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_reads_back_from_its_name() {
        for status in OrderStatus::ALL {
            assert_eq!(status.as_str().parse::<OrderStatus>().unwrap(), status);
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert!("shipped".parse::<OrderStatus>().is_err());
    }

    #[test]
    fn status_updates_as_json() {
        let golden = [
            (StatusUpdate::Completed {}, r#"{"status":"completed"}"#),
            (
                StatusUpdate::Paid { attempt: 1, payment_id: "pi_1".into() },
                r#"{"status":"paid","attempt":1,"payment_id":"pi_1"}"#,
            ),
            (
                StatusUpdate::Rejected { reason: RejectReason::OutOfStock, detail: "None left.".into() },
                r#"{"status":"rejected","reason":"out_of_stock","detail":"None left."}"#,
            ),
        ];
        for (update, json) in golden {
            assert_eq!(serde_json::to_string(&update).unwrap(), json);
            assert_eq!(serde_json::from_str::<StatusUpdate>(json).unwrap(), update);
        }
    }
}

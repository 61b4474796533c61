//! The requests and answers of order-service.

use crate::{
    adjustment::Adjustment,
    countries::CountryCode,
    ids::{EventId, OrderId, ProductId, UserId},
    money::Money,
    problems::ProblemDetails,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// The status of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Accepted. The stock is not reserved yet.
    New,
    /// The stock is held and the price is fixed. The order waits for the payment.
    Reserved,
    /// The shop rejected the order. Final.
    Rejected,
    /// The payment was captured.
    Paid,
    /// The payment was declined. The stock stays held for another attempt.
    PaymentFailed,
    /// Cancelled before it was paid. Final.
    Cancelled,
    /// The stock has left the warehouse. Final, unless refunded.
    Completed,
    /// A refund was requested.
    RefundRequested,
    /// The money was refunded. Final.
    Refunded,
}

impl OrderStatus {
    /// All statuses, in the order in which an order may have them.
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

    /// Whether no further change follows by itself. A completed order is final, although staff may still
    /// refund it.
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

/// The text is not an order status.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an order status")]
pub struct UnknownStatus(String);

/// The id of the payment, and of the refund, of an order whose total is zero. Nothing is charged for it.
pub const NO_PAYMENT: &str = "none";

/// Why an order was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// Fewer pieces are available than were ordered.
    OutOfStock,
    /// The catalogue has no such product.
    UnknownProduct,
    /// The total differs from the total that the customer expected.
    PriceChanged,
    /// A discount code cannot be used.
    DiscountUnavailable,
}

impl RejectReason {
    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutOfStock => "out_of_stock",
            Self::UnknownProduct => "unknown_product",
            Self::PriceChanged => "price_changed",
            Self::DiscountUnavailable => "discount_unavailable",
        }
    }
}

/// A product and its quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The product.
    pub product_id: ProductId,
    /// Pieces, 1 to 1,000.
    #[schema(minimum = 1, maximum = 1000, example = 2)]
    pub quantity: u32,
}

/// An item, with its name and price at the time of the reservation.
///
/// `total` is the list price of all pieces minus the adjustments. Releases before discounts wrote lines
/// without it, which are read as lines without adjustments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(from = "LineUpdate")]
pub struct Line {
    /// The product.
    pub product_id: ProductId,
    /// The name at that time.
    #[schema(example = "Earl Grey, 100 g")]
    pub name: String,
    /// The category at that time. Empty for orders of releases before discounts.
    #[schema(example = "Tea")]
    pub category: String,
    /// Pieces.
    #[schema(example = 2, value_type = u64)]
    pub quantity: u32,
    /// The list price of one piece at that time.
    pub unit_price: Money,
    /// The amounts that promotions take off this line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub adjustments: Vec<Adjustment>,
    /// The price of all pieces of the line, after the adjustments.
    pub total: Money,
}

/// A line as this release or an earlier one writes it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LineUpdate {
    /// The product.
    product_id: ProductId,
    /// The name at this time.
    #[schema(example = "Earl Grey, 100 g")]
    name: String,
    /// The category at this time.
    #[serde(default)]
    #[schema(example = "Tea")]
    category: String,
    /// Pieces.
    #[schema(example = 2, value_type = u64)]
    quantity: u32,
    /// The list price of one piece at this time.
    unit_price: Money,
    /// The amounts that promotions take off this line. By default there are none.
    #[serde(default)]
    adjustments: Vec<Adjustment>,
    /// The price of all pieces, after the adjustments. By default it is the list price.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Money, required = false)]
    total: Option<Money>,
}

/// Reads a value that may be missing and must not be `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
    Money::deserialize(deserializer).map(Some)
}

impl From<LineUpdate> for Line {
    fn from(update: LineUpdate) -> Self {
        let LineUpdate { product_id, name, category, quantity, unit_price, adjustments, total } = update;
        let total = total.unwrap_or_else(|| list_total(unit_price, quantity));
        Self { product_id, name, category, quantity, unit_price, adjustments, total }
    }
}

impl Line {
    /// A line at its list price.
    #[must_use]
    pub fn at_list_price(
        product_id: ProductId,
        name: String,
        category: String,
        quantity: u32,
        unit_price: Money,
    ) -> Self {
        let total = list_total(unit_price, quantity);
        Self { product_id, name, category, quantity, unit_price, adjustments: Vec::new(), total }
    }
}

/// The list price of all pieces. The limits on prices and quantities keep it far below the largest amount.
fn list_total(unit_price: Money, quantity: u32) -> Money {
    Money { amount_minor: unit_price.amount_minor.saturating_mul(i64::from(quantity)), ..unit_price }
}

/// A shipping address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// The name of the recipient.
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
    /// Discount codes, at most 10. Upper and lower case do not matter. If one cannot be used, the order is rejected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10, example = json!(["TEA-WEEK"]))]
    pub codes: Vec<String>,
    /// If given, the order is rejected if its total after discounts is different.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<super::money::ExpectedTotal>)]
    pub expected_total: Option<Money>,
    /// The shipping address.
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
    /// The customer who placed it.
    pub user_id: UserId,
    /// Its status.
    pub status: OrderStatus,
    /// Counts its changes, from 1.
    pub version: u32,
    /// The number of the current payment attempt, from 1.
    pub attempt: u32,
    /// The ordered items.
    pub items: Vec<Item>,
    /// The discount codes that the customer entered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["TEA-WEEK"]))]
    pub codes: Vec<String>,
    /// The ordered items with names and prices, once reserved.
    pub lines: Option<Vec<Line>>,
    /// The total after discounts, once reserved.
    pub total: Option<Money>,
    /// The total that the customer expected.
    pub expected_total: Option<Money>,
    /// The current payment method.
    pub payment_method: String,
    /// The shipping address.
    pub shipping_address: Option<Address>,
    /// The customer's note to the shop.
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

/// One change of an order, as its owner sees it.
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

/// Body of `PATCH /orders/{id}`: a worker's update of the status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
pub enum StatusUpdate {
    /// The stock is held.
    Reserved {
        /// The held items, with prices.
        #[schema(value_type = Vec<LineUpdate>)]
        lines: Vec<Line>,
        /// The sum of the lines, after discounts.
        total: Money,
    },
    /// The shop rejects the order.
    Rejected {
        /// The reason.
        reason: RejectReason,
        /// One sentence for the customer.
        detail: String,
    },
    /// The charge was captured.
    Paid {
        /// The payment attempt that succeeded.
        #[schema(value_type = u64)]
        attempt: u32,
        /// The provider's id of the payment.
        payment_id: String,
    },
    /// The charge was declined.
    PaymentFailed {
        /// The payment attempt that failed.
        #[schema(value_type = u64)]
        attempt: u32,
        /// The provider's code, such as `insufficient_funds`.
        reason: String,
    },
    /// The stock has left the warehouse.
    Completed {},
    /// The money was refunded.
    Refunded {
        /// The provider's id of the refund.
        refund_id: String,
    },
}

/// Body of `PATCH /orders`: status updates of several orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusUpdates {
    /// One update for each order, and at most 64.
    pub updates: Vec<OrderUpdate>,
}

/// The status update of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderUpdate {
    /// The order.
    pub order_id: OrderId,
    /// The update.
    pub update: StatusUpdate,
    /// The W3C Trace Context of the cause of this update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

/// Answer to `PATCH /orders`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StatusAnswers {
    /// The answers, in the order of the updates.
    pub answers: Vec<StatusAnswer>,
}

/// The answer to one update.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StatusAnswer {
    /// The order.
    pub order_id: OrderId,
    /// Why the update failed. If missing, the update was applied, now or before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDetails>,
}

impl StatusUpdates {
    /// The most updates in one request.
    pub const MAX_BATCH: usize = 64;
}

impl StatusUpdate {
    /// The status to which it leads.
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
    fn a_line_of_a_release_before_discounts_has_its_list_price() {
        let id = "01900000-0000-7000-8000-000000000004";
        let stored = format!(
            r#"{{"product_id":"{id}","name":"Tea","quantity":2,"unit_price":{{"amount_minor":450,"currency":"EUR"}}}}"#
        );
        let line: Line = serde_json::from_str(&stored).unwrap();
        let unit_price = Money { amount_minor: 450, currency: "EUR".parse().unwrap() };
        let name = "Tea".to_owned();
        assert_eq!(line, Line::at_list_price(id.parse().unwrap(), name, String::new(), 2, unit_price));
        assert_eq!(line.total.amount_minor, 900);
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

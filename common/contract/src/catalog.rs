//! What catalog-service takes and answers.

use crate::problems::ProblemDetails;
use crate::{
    ids::{OrderId, ProductId},
    money::Money,
    orders::{Item, Line, RejectReason},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A product as customers see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// The shop's own unique code for it.
    #[schema(example = "TEA-EARLGREY-100")]
    pub sku: String,
    /// Its name.
    #[schema(example = "Earl Grey, 100 g")]
    pub name: String,
    /// What it is, in plain text.
    #[schema(example = "Ceylon black tea scented with oil of bergamot.")]
    pub description: String,
    /// The shelf it stands on.
    #[schema(example = "Tea")]
    pub category: String,
    /// Price of one.
    pub price: Money,
    /// Pieces that can be ordered now: on hand and not reserved.
    #[schema(example = 40)]
    pub available: i64,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Answer of `GET /products/categories`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Categories {
    /// Each category that has products, in the order in which the first product of each was added.
    #[schema(example = json!(["Tea", "Coffee"]))]
    pub items: Vec<String>,
}

/// Body of `POST /products` and `PUT /products/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductDraft {
    /// The shop's own code, unique whatever its case: 1 to 64 letters, digits, `.`, `_` or `-`, and no UUID.
    #[schema(example = "TEA-NILGIRI-100", pattern = "^[A-Za-z0-9._-]{1,64}$")]
    pub sku: String,
    /// One line of 1 to 200 characters that can be seen.
    #[schema(example = "Nilgiri, 100 g", min_length = 1, max_length = 200)]
    pub name: String,
    /// At most 4,000 characters, in several lines if need be.
    #[serde(default)]
    #[schema(example = "Black tea from the Blue Mountains, fragrant and mild.", max_length = 4000)]
    pub description: String,
    /// One line of 1 to 64 characters that can be seen.
    #[schema(example = "Tea", min_length = 1, max_length = 64)]
    pub category: String,
    /// Price of one; more than zero.
    #[schema(value_type = super::money::Price)]
    pub price: Money,
}

/// Body of `PUT /products/{id}/stock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockCount {
    /// Pieces in the warehouse, those reserved for orders included.
    #[schema(example = 40, minimum = 0, maximum = 1_000_000_000)]
    pub on_hand: i64,
}

/// A product's stock, as staff see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stock {
    /// The product.
    pub product_id: ProductId,
    /// Pieces in the warehouse.
    #[schema(example = 40)]
    pub on_hand: i64,
    /// Those of them that are held for orders not yet paid and committed.
    #[schema(example = 2)]
    pub reserved: i64,
    /// `on_hand - reserved`.
    #[schema(example = 38)]
    pub available: i64,
}

/// Body of `POST /reservations`. Repeating it for the same order gives the first answer again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservationRequest {
    /// The order that the stock is held for; also the idempotency key.
    pub order_id: OrderId,
    /// What to hold, all of it or nothing.
    pub items: Vec<Item>,
    /// Refuse where the total is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_total: Option<Money>,
}

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReservationStatus {
    /// The stock is set aside.
    Held,
    /// The stock has left the warehouse.
    Committed,
    /// The stock is free again; this order cannot reserve any more.
    Released,
}

/// A reservation, with the prices of the moment it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reservation {
    /// The order.
    pub order_id: OrderId,
    /// Where it stands.
    pub status: ReservationStatus,
    /// What is held, and for how much; empty where it was released before it was made.
    pub lines: Vec<Line>,
    /// Sum of the lines; missing where there are none.
    pub total: Option<Money>,
}

/// Answer 409 of `POST /reservations`: nothing is held, and why. It is an answer about the order,
/// not a failure of the request, so it does not come as a problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReservationRefusal {
    /// The reason, in the words of the order's own status.
    pub reason: RejectReason,
    /// One sentence that names the product or the total.
    #[schema(example = "Earl Grey, 100 g: 1 left, 2 ordered.")]
    pub detail: String,
}

/// Body of `PATCH /reservations`: what is to become of several orders' stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservationUpdates {
    /// Carried out in this order, 64 at most.
    pub updates: Vec<ReservationUpdate>,
}

/// What is to become of one order's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservationUpdate {
    /// The order.
    pub order_id: OrderId,
    /// What is to become of it.
    pub update: StockUpdate,
    /// The W3C Trace Context of what led to it: each has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

/// A step of an order's stock, each as with its own route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub enum StockUpdate {
    /// As `POST /reservations`.
    Reserve {
        /// What to hold, all of it or nothing.
        items: Vec<Item>,
        /// Refuse where the total is another one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected_total: Option<Money>,
    },
    /// As `POST /reservations/{order_id}/commit`.
    Commit {},
    /// As `POST /reservations/{order_id}/release`.
    Release {},
}

/// Answer to `PATCH /reservations`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReservationAnswers {
    /// In the order of the updates.
    pub answers: Vec<ReservationAnswer>,
}

/// What became of one update.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReservationAnswer {
    /// It has been carried out, now or before.
    Reservation(Reservation),
    /// Nothing is held, and why.
    Refusal(ReservationRefusal),
    /// It cannot be carried out.
    Problem(ProblemDetails),
}

impl ReservationUpdates {
    /// The most updates in one request.
    pub const MAX_BATCH: usize = 64;
}

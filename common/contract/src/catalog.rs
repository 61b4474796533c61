//! The requests and answers of catalog-service.

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
    /// Its description, in plain text.
    #[schema(example = "Ceylon black tea scented with oil of bergamot.")]
    pub description: String,
    /// Its category.
    #[schema(example = "Tea")]
    pub category: String,
    /// The price of one piece.
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
    /// One line of 1 to 200 visible characters.
    #[schema(example = "Nilgiri, 100 g", min_length = 1, max_length = 200)]
    pub name: String,
    /// At most 4,000 characters, in one or more lines.
    #[serde(default)]
    #[schema(example = "Black tea from the Blue Mountains, fragrant and mild.", max_length = 4000)]
    pub description: String,
    /// One line of 1 to 64 visible characters.
    #[schema(example = "Tea", min_length = 1, max_length = 64)]
    pub category: String,
    /// The price of one piece, more than zero.
    #[schema(value_type = super::money::Price)]
    pub price: Money,
}

/// Body of `PUT /products/{id}/stock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockCount {
    /// Pieces in the warehouse, including those that are reserved for orders.
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
    /// Pieces in the warehouse that are held for orders which are not yet paid and committed.
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
    /// The order for which the stock is held. It is also the idempotency key.
    pub order_id: OrderId,
    /// The items to hold: all of them or none.
    pub items: Vec<Item>,
    /// If given, the request is refused if the sum of the list prices is different. order-processor of the
    /// previous release uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_total: Option<Money>,
}

/// The status of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReservationStatus {
    /// The stock is set aside.
    Held,
    /// The stock has left the warehouse.
    Committed,
    /// The stock is free again. This order cannot reserve again.
    Released,
}

/// A reservation, with the prices at the time when it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reservation {
    /// The order.
    pub order_id: OrderId,
    /// Its status.
    pub status: ReservationStatus,
    /// The held items, with prices. Empty if the reservation was released before it was made.
    pub lines: Vec<Line>,
    /// The sum of the lines. Missing if there are none.
    pub total: Option<Money>,
}

/// Answer 409 of `POST /reservations`: nothing is held, for this reason. It is an answer about the order, and
/// not a failure of the request. So it is not a problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReservationRefusal {
    /// The reason, as for a rejected order.
    pub reason: RejectReason,
    /// One sentence that names the product or the total.
    #[schema(example = "Earl Grey, 100 g: 1 left, 2 ordered.")]
    pub detail: String,
}

/// Body of `PATCH /reservations`: updates of the stock of several orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservationUpdates {
    /// At most 64 updates. They are carried out in this order.
    pub updates: Vec<ReservationUpdate>,
}

/// An update of the stock of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservationUpdate {
    /// The order.
    pub order_id: OrderId,
    /// The update.
    pub update: StockUpdate,
    /// The W3C Trace Context of the cause of this update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

/// The update of the stock of an order. Each kind of update also has its own route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub enum StockUpdate {
    /// Like `POST /reservations`.
    Reserve {
        /// The items to hold: all of them or none.
        items: Vec<Item>,
        /// If given, the update is refused if the total is different.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected_total: Option<Money>,
    },
    /// Like `POST /reservations/{order_id}/commit`.
    Commit {},
    /// Like `POST /reservations/{order_id}/release`.
    Release {},
}

/// Answer to `PATCH /reservations`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReservationAnswers {
    /// The answers, in the order of the updates.
    pub answers: Vec<ReservationAnswer>,
}

/// The answer to one update.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReservationAnswer {
    /// The update was carried out, now or before.
    Reservation(Reservation),
    /// Nothing is held, for this reason.
    Refusal(ReservationRefusal),
    /// The update cannot be carried out.
    Problem(ProblemDetails),
}

impl ReservationUpdates {
    /// The most updates in one request.
    pub const MAX_BATCH: usize = 64;
}

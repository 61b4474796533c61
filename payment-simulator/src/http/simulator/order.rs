//! `GET /simulator/orders/{order_id}`: what was captured and refunded for an order.

use crate::{
    app::App,
    domain::payment_intent::{PaymentIntent, Status},
    ledger::Charge,
};
use axum::{Json, extract::State};
use rest::{extract::Path, problem::Problem};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// An order's money, in the smallest unit of its currency.
#[derive(Serialize, ToSchema)]
pub(super) struct OrderLedger {
    /// `metadata[order_id]` of its payments.
    order_id: String,
    /// Its currency; `null` where nothing was tried yet.
    #[schema(example = "eur")]
    currency: Option<String>,
    /// Sum of what was captured.
    #[schema(example = 1999)]
    captured: u64,
    /// Sum of what went back.
    #[schema(example = 0)]
    refunded: u64,
    /// How many captured charges did not wholly go back: at most one, unless somebody was charged
    /// twice.
    #[schema(example = 1)]
    standing_charges: usize,
    /// Everything that was tried, oldest first.
    charges: Vec<ChargeLine>,
}

/// One try.
#[derive(Serialize, ToSchema)]
struct ChargeLine {
    /// The payment.
    payment_intent: String,
    /// `metadata[attempt]`.
    attempt: Option<String>,
    /// Whether it was captured.
    status: Status,
    /// Why it was declined.
    decline_code: Option<String>,
    /// What was asked for.
    amount: u64,
    /// What was captured.
    captured: u64,
    /// What went back.
    refunded: u64,
    /// When, in seconds since 1970.
    created: i64,
}

/// What was captured and refunded for an order.
#[utoipa::path(
    get,
    path = "/simulator/orders/{order_id}",
    tag = "simulator",
    params(("order_id" = String, Path, example = "019a0000-0000-7000-8000-000000000002")),
    responses((status = 200, description = "The order's charges; none where it is not known", body = OrderLedger)),
)]
pub(super) async fn get_order(
    State(app): State<Arc<App>>,
    Path(order_id): Path<String>,
) -> Result<Json<OrderLedger>, Problem> {
    let order = app.ledger.read(|book| OrderLedger::of(&order_id, book.charges_of(&order_id)));
    order.await.map(Json).map_err(|error| super::closed(&error))
}

impl OrderLedger {
    fn of<'a>(order_id: &str, charges: impl Iterator<Item = &'a Charge>) -> Self {
        let mut order = Self {
            order_id: order_id.to_owned(),
            currency: None,
            captured: 0,
            refunded: 0,
            standing_charges: 0,
            charges: Vec::new(),
        };
        for charge in charges {
            order.currency.get_or_insert_with(|| charge.payment.currency.clone());
            order.captured += charge.payment.amount_received;
            order.refunded += charge.refunded();
            order.standing_charges += usize::from(charge.is_standing());
            order.charges.push(ChargeLine::of(charge));
        }
        order
    }
}

impl ChargeLine {
    fn of(charge: &Charge) -> Self {
        let PaymentIntent {
            id, metadata, status, amount, amount_received, created, last_payment_error, ..
        } = &charge.payment;
        Self {
            payment_intent: id.clone(),
            attempt: metadata.get("attempt").cloned(),
            status: *status,
            decline_code: last_payment_error.as_ref().map(|error| error.decline_code.clone()),
            amount: *amount,
            captured: *amount_received,
            refunded: charge.refunded(),
            created: *created,
        }
    }
}

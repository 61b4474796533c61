//! `GET /simulator/orders/{order_id}`: returns the payments and refunds of an order.

use crate::{
    domain::payment_intent::{PaymentIntent, Status},
    ledger::Charge,
    state::AppState,
};
use axum::{Json, extract::State};
use rest::{extract::Path, problem::Problem};
use serde::Serialize;
use utoipa::ToSchema;

/// The payments and refunds of an order, in the smallest unit of its currency.
#[derive(Serialize, ToSchema)]
pub(super) struct OrderLedger {
    /// `metadata[order_id]` of its payments.
    order_id: String,
    /// The currency, or `null` if the order has no payment.
    #[schema(example = "eur")]
    currency: Option<String>,
    /// The sum of all captures.
    #[schema(example = 1999)]
    captured: u64,
    /// The sum of all refunds.
    #[schema(example = 0)]
    refunded: u64,
    /// The number of captured charges that are not fully refunded. More than one means that the customer was
    /// charged twice.
    #[schema(example = 1)]
    standing_charges: usize,
    /// All attempted charges, oldest first.
    charges: Vec<ChargeLine>,
}

/// One attempted charge.
#[derive(Serialize, ToSchema)]
struct ChargeLine {
    /// The payment.
    payment_intent: String,
    /// `metadata[attempt]`.
    attempt: Option<String>,
    /// The status of the payment.
    status: Status,
    /// The reason of a decline.
    decline_code: Option<String>,
    /// The requested amount.
    amount: u64,
    /// The captured amount.
    captured: u64,
    /// The refunded amount.
    refunded: u64,
    /// The creation time, in seconds since 1970.
    created: i64,
}

/// Returns the payments and refunds of an order.
#[utoipa::path(
    get,
    path = "/simulator/orders/{order_id}",
    tag = "simulator",
    params(("order_id" = String, Path, example = "019a0000-0000-7000-8000-000000000002")),
    responses((status = 200, description = "The charges, none for an unknown order", body = OrderLedger)),
)]
pub(super) async fn get_order(
    State(state): State<AppState>,
    Path(order_id): Path<String>,
) -> Result<Json<OrderLedger>, Problem> {
    let order = state.ledger.read(|book| OrderLedger::of(&order_id, book.charges_of(&order_id)));
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

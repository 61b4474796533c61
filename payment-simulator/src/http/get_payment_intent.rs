//! `GET /v1/payment_intents/{id}`: returns a payment.

use super::error::{Error, ErrorBody};
use crate::{domain::payment_intent::PaymentIntent, state::AppState};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};

/// Returns a payment.
#[utoipa::path(
    get,
    path = "/v1/payment_intents/{id}",
    tag = "payment intents",
    params(("id" = String, Path, example = "pi_019a0000000070008000000000000001")),
    responses(
        (status = 200, description = "The payment", body = PaymentIntent),
        (status = 404, description = "There is no such payment", body = ErrorBody),
    ),
    security(("api_key" = [])),
)]
pub(super) async fn get_payment_intent(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<PaymentIntent>, Error> {
    let payment = state.ledger.read(|book| book.charge(&id).map(|charge| charge.payment.clone())).await?;
    payment
        .map(|payment| Json(state.faults.shown(payment)))
        .ok_or_else(|| Error::no_such("payment_intent", "intent", &id).with_status(StatusCode::NOT_FOUND))
}

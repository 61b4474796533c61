//! `POST /orders/{id}/payment`

use super::error::Error;
use crate::state::AppState;
use crate::{
    db,
    domain::{placing, status::Command},
};
use axum::{Json, extract::State};
use contract::{
    ids::OrderId,
    orders::{Order, PayAgain},
};
use rest::{
    auth::caller::Caller,
    extract::{self, Path},
    problem::Problem,
};
use std::sync::Arc;

/// Pay with another method after a decline. The stock is still held.
///
/// Only the customer of the order can pay. Staff cannot pay for others.
#[utoipa::path(
    post, path = "/orders/{id}/payment", tag = "orders",
    params(("id" = OrderId, Path, description = "The order")),
    request_body = PayAgain,
    responses(
        (status = 200, description = "The payment is in progress", body = Order),
        (status = 403, description = "Staff cannot pay another customer's order", body = Problem),
        (status = 404, description = "No such order, or it belongs to another user", body = Problem),
        (status = 409, description = "The order does not wait for a payment; see `current_status`", body = Problem),
        (status = 422, description = "Not a payment method", body = Problem),
        (status = 429, description = "Too many payment attempts for this order or by this account", body = Problem),
    )
)]
pub(super) async fn pay_again(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<OrderId>,
    extract::Json(request): extract::Json<PayAgain>,
) -> Result<Json<Arc<Order>>, Error> {
    let person = caller.person()?;
    if let Some(error) = placing::payment_method(&request.payment_method) {
        return Err(Error::Invalid(vec![error]));
    }
    let orders = &state.orders;
    if person.is_staff() && orders.find(id, Some(person)).await?.user_id != person.id {
        let detail = "Only its customer can pay for an order. Staff can cancel or refund it.";
        return Err(Problem::forbidden(detail).into());
    }
    if let Some(most) = state.limits.attempts_of_customer() {
        db::limits::check_attempts(&orders.db, person.id, most).await??;
    }
    let max_attempts = state.limits.attempts_of_order();
    let command = Command::PayAgain { payment_method: request.payment_method, max_attempts };
    Ok(Json(orders.change(id, Some(person), command).await?))
}

//! `PATCH /orders/{id}`

use super::error::Error;
use crate::state::AppState;
use axum::{Json, extract::State};
use contract::{
    claims::{ORDERS_PAYMENT, ORDERS_STOCK},
    ids::OrderId,
    orders::{Order, StatusUpdate},
};
use rest::{
    auth::caller::Caller,
    extract::{self, Path},
    problem::Problem,
};
use std::sync::Arc;

/// For workers: report a step of an order.
///
/// A repeated request is answered with 200 and changes nothing.
#[utoipa::path(
    patch, path = "/orders/{id}", tag = "workers",
    extensions(("x-internal" = json!(true))),
    params(("id" = OrderId, Path, description = "The order")),
    request_body = StatusUpdate,
    responses(
        (status = 200, description = "The step is done", body = Order),
        (status = 403, description = "The step requires the scope `orders:stock` or `orders:payment`", body = Problem),
        (status = 404, description = "No such order", body = Problem),
        (status = 409, description = "The status machine does not allow the step; see `current_status`", body = Problem),
    )
)]
pub(super) async fn patch_order(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<OrderId>,
    extract::Json(update): extract::Json<StatusUpdate>,
) -> Result<Json<Arc<Order>>, Error> {
    may_say(&caller, &update)?;
    Ok(Json(state.orders.change(id, None, update.into()).await?))
}

/// Checks that the caller has the scope for this step. A worker may report only its own steps.
pub(super) fn may_say(caller: &Caller, update: &StatusUpdate) -> Result<(), Problem> {
    caller.require_scope(match update {
        StatusUpdate::Reserved { .. } | StatusUpdate::Rejected { .. } | StatusUpdate::Completed {} => {
            ORDERS_STOCK
        }
        StatusUpdate::Paid { .. } | StatusUpdate::PaymentFailed { .. } | StatusUpdate::Refunded { .. } => {
            ORDERS_PAYMENT
        }
    })
}

//! `POST /orders/{id}/refund`

use super::error::Error;
use crate::domain::status::Command;
use crate::state::AppState;
use axum::{Json, extract::State};
use contract::{ids::OrderId, orders::Order};
use rest::{auth::caller::Caller, extract::Path, problem::Problem};
use std::sync::Arc;

/// Request a refund. Customers can do so until the order is completed, and staff also afterwards.
///
/// A customer who wants to return a completed order contacts the shop. Staff can then refund it.
#[utoipa::path(
    post, path = "/orders/{id}/refund", tag = "orders",
    params(("id" = OrderId, Path, description = "The order")),
    responses(
        (status = 200, description = "The refund is requested or done", body = Order),
        (status = 404, description = "No such order, or it belongs to another user", body = Problem),
        (status = 409, description = "The order cannot be refunded; see `current_status`", body = Problem),
    )
)]
pub(super) async fn refund_order(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<OrderId>,
) -> Result<Json<Arc<Order>>, Error> {
    let person = caller.person()?;
    let command = Command::RequestRefund { by_staff: person.is_staff() };
    Ok(Json(state.orders.change(id, Some(person), command).await?))
}

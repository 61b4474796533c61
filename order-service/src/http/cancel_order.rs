//! `POST /orders/{id}/cancel`

use super::error::Error;
use crate::domain::status::Command;
use crate::state::AppState;
use axum::{Json, extract::State};
use contract::{events::CancelledBy, ids::OrderId, orders::Order};
use rest::{auth::caller::Caller, extract::Path, problem::Problem};
use std::sync::Arc;

/// Cancel an order that is not paid.
#[utoipa::path(
    post, path = "/orders/{id}/cancel", tag = "orders",
    params(("id" = OrderId, Path, description = "The order")),
    responses(
        (status = 200, description = "The order is cancelled", body = Order),
        (status = 404, description = "No such order, or it belongs to another user", body = Problem),
        (status = 409, description = "It is too late to cancel; see `current_status`", body = Problem),
    )
)]
pub(super) async fn cancel_order(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<OrderId>,
) -> Result<Json<Arc<Order>>, Error> {
    let person = caller.person()?;
    Ok(Json(state.orders.change(id, Some(person), Command::Cancel { by: CancelledBy::Customer }).await?))
}

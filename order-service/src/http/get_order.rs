//! `GET /orders/{id}`

use super::error::Error;
use crate::state::AppState;
use axum::{Json, extract::State};
use contract::{ids::OrderId, orders::Order};
use rest::{auth::caller::Caller, extract::Path, problem::Problem};

/// Returns an order.
#[utoipa::path(
    get, path = "/orders/{id}", tag = "orders",
    params(("id" = OrderId, Path, description = "The order")),
    responses(
        (status = 200, description = "The order", body = Order),
        (status = 404, description = "No such order, or it belongs to another user", body = Problem),
    )
)]
pub(super) async fn get_order(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<OrderId>,
) -> Result<Json<Order>, Error> {
    Ok(Json(state.orders.find(id, Some(caller.person()?)).await?))
}

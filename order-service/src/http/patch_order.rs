//! `PATCH /orders/{id}`

use super::{Services, error::Error};
use axum::{Json, extract::State};
use common::{
    auth::{caller::Caller, claims::ORDERS_WRITE},
    contract::{
        ids::OrderId,
        orders::{Order, StatusUpdate},
    },
    http::{
        extract::{self, Path},
        problem::Problem,
    },
};
use std::sync::Arc;

/// For workers: say how far an order has come.
///
/// The same transition again answers 200 and changes nothing.
#[utoipa::path(
    patch, path = "/orders/{id}", tag = "workers",
    extensions(("x-internal" = json!(true))),
    params(("id" = OrderId, Path, description = "The order")),
    request_body = StatusUpdate,
    responses(
        (status = 200, description = "It stands there, now or before", body = Order),
        (status = 403, description = "The scope `orders:write` is needed", body = Problem),
        (status = 404, description = "No such order", body = Problem),
        (status = 409, description = "The status machine does not allow it: see `current_status`", body = Problem),
    )
)]
pub(super) async fn patch_order(
    State(services): State<Services>,
    caller: Caller,
    Path(id): Path<OrderId>,
    extract::Json(update): extract::Json<StatusUpdate>,
) -> Result<Json<Arc<Order>>, Error> {
    caller.require_scope(ORDERS_WRITE)?;
    Ok(Json(services.orders.change(id, None, update.into()).await?))
}

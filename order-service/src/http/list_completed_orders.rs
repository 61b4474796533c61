//! `GET /completed-orders`

use super::error::Error;
use crate::{db, state::AppState};
use axum::{Json, extract::State};
use contract::{
    addresses::{ShippingOrder, ShippingOrders},
    claims::ORDERS_DELIVERY,
    ids::OrderId,
    page::Page,
};
use rest::{auth::caller::Caller, extract::Query, problem::Problem};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// Only orders with a larger id. Give `next_cursor` of the previous page here.
    #[param(value_type = String, format = Uuid)]
    after: OrderId,
    /// Only orders with a smaller id.
    #[param(value_type = String, format = Uuid)]
    before: OrderId,
}

/// Lists the completed orders between two ids, oldest first.
///
/// delivery-service finds orders here whose event was lost.
#[utoipa::path(
    get, path = "/completed-orders", tag = "workers",
    extensions(("x-internal" = json!(true))),
    security(("bearer" = ["orders:delivery"])),
    params(Filter),
    responses(
        (status = 200, description = "A page of completed orders", body = Page<ShippingOrder>),
        (status = 403, description = "Not a service with this scope", body = Problem),
        (status = 422, description = "A parameter is missing or invalid", body = Problem),
    )
)]
pub(super) async fn list_completed_orders(
    State(state): State<AppState>,
    caller: Caller,
    Query(Filter { after, before }): Query<Filter>,
) -> Result<Json<Page<ShippingOrder>>, Error> {
    caller.require_scope(ORDERS_DELIVERY)?;
    let limit = ShippingOrders::MAX_PAGE;
    let items = db::shipping::completed(&state.orders.db, after, before, limit.into()).await?;
    let is_full = items.len() == usize::from(limit);
    let next_cursor = items.last().filter(|_| is_full).map(|order| order.id.to_string());
    Ok(Json(Page { items, next_cursor }))
}

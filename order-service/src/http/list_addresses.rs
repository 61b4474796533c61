//! `GET /addresses`

use super::error::Error;
use crate::{db, state::AppState};
use axum::{Json, extract::State};
use contract::{addresses::ShippingOrders, claims::ORDERS_DELIVERY, ids::OrderId, problems::FieldError};
use rest::{auth::caller::Caller, extract::Query, problem::Problem};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 1 to 64 ids of orders, separated by commas.
    #[param(example = "01900000-0000-7000-8000-000000000001")]
    order_ids: String,
}

/// Lists the shipping addresses of orders.
#[utoipa::path(
    get, path = "/addresses", tag = "workers",
    extensions(("x-internal" = json!(true))),
    security(("bearer" = ["orders:delivery"])),
    params(Filter),
    responses(
        (status = 200, description = "The known orders", body = ShippingOrders),
        (status = 403, description = "Not a service with this scope", body = Problem),
        (status = 422, description = "There are no ids, too many, or an invalid one", body = Problem),
    )
)]
pub(super) async fn list_addresses(
    State(state): State<AppState>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<ShippingOrders>, Error> {
    caller.require_scope(ORDERS_DELIVERY)?;
    let ids: Result<Vec<OrderId>, _> = filter.order_ids.split(',').map(str::parse).collect();
    let most = ShippingOrders::MAX_BATCH;
    let ids = ids.ok().filter(|ids| ids.len() <= most).ok_or_else(|| {
        let detail = format!("expected 1 to {most} ids of orders, separated by commas");
        Error::Invalid(vec![FieldError::new("order_ids", detail)])
    })?;
    Ok(Json(ShippingOrders { orders: db::shipping::find(&state.orders.db, &ids).await? }))
}

//! The routes, with one file for each route.

mod cancel_order;
mod error;
mod follow_orders;
mod get_order;
mod list_addresses;
mod list_completed_orders;
mod list_orders;
mod order_events;
mod patch_order;
mod patch_orders;
mod pay_again;
mod place_order;
mod refund_order;

use crate::state::AppState;
use axum::extract::DefaultBodyLimit;
use rest::openapi::BearerToken;
use utoipa::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Orderflow: orders",
        description = "Place orders and follow their statuses. The WebSocket at `/ws` with the subprotocol \
                       `orderflow.v1` pushes live statuses."
    ),
    modifiers(&BearerToken),
    security(("bearer" = []))
)]
struct Document;

/// All routes.
pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(place_order::place_order, list_orders::list_orders))
        .routes(routes!(get_order::get_order, patch_order::patch_order))
        .routes(routes!(patch_orders::patch_orders).layer(DefaultBodyLimit::max(patch_orders::BODY_LIMIT)))
        .routes(routes!(order_events::order_events))
        .routes(routes!(cancel_order::cancel_order))
        .routes(routes!(pay_again::pay_again))
        .routes(routes!(refund_order::refund_order))
        .routes(routes!(follow_orders::follow_orders))
        .routes(routes!(list_addresses::list_addresses))
        .routes(routes!(list_completed_orders::list_completed_orders))
        .with_state(state)
}

//! The routes, with one file for each route.

mod change_address;
mod error;
mod get_delivery;
mod list_deliveries;
mod receive_event;
#[cfg(test)]
mod testing;

use crate::state::AppState;
use rest::openapi::BearerToken;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(OpenApi)]
#[openapi(
    info(title = "Orderflow: deliveries", description = "The parcels of completed orders."),
    tags(
        (name = "deliveries", description = "The deliveries of orders. For their owners and for staff."),
        (name = "carrier", description = "The webhook of the carrier."),
    ),
    modifiers(&BearerToken)
)]
struct Document;

/// All routes.
pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(list_deliveries::list_deliveries))
        .routes(routes!(get_delivery::get_delivery))
        .routes(routes!(change_address::change_address))
        .routes(routes!(receive_event::receive_event))
        .with_state(state)
}

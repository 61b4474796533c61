//! The routes, with one file for each route. All routes are for staff.

mod discard_many;
mod discard_parked;
mod error;
mod list_audit;
mod list_parked;
mod list_queues;
mod replay_many;
mod replay_parked;
mod show_parked;
#[cfg(test)]
mod testing;
mod why;

use crate::state::AppState;
use rest::openapi::BearerToken;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(OpenApi)]
#[openapi(
    info(title = "Orderflow: operations", description = "The queues and the parked messages of the broker, for staff."),
    tags(
        (name = "queues", description = "The queues with their messages and consumers. For staff."),
        (name = "parked", description = "Messages that failed. Staff read, replay or discard them."),
    ),
    modifiers(&BearerToken)
)]
struct Document;

/// All routes.
pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(list_queues::list_queues))
        .routes(routes!(list_parked::list_parked))
        .routes(routes!(list_audit::list_audit))
        .routes(routes!(replay_many::replay_many))
        .routes(routes!(discard_many::discard_many))
        .routes(routes!(show_parked::show_parked, discard_parked::discard_parked))
        .routes(routes!(replay_parked::replay_parked))
        .with_state(state)
}

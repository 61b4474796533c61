//! The service's HTTP interface: one file for each endpoint. All of them are for staff.

mod discard_parked;
mod error;
mod list_parked;
mod list_queues;
mod replay_parked;
mod show_parked;

use crate::management::Management;
use axum::extract::FromRef;
use common::{amqp::parking::Parking, auth::verifier::Verifier, http::openapi::BearerToken};
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the endpoints work with.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) parking: Arc<Parking>,
    pub(crate) management: Arc<Management>,
    pub(crate) verifier: Verifier,
}

impl FromRef<AppState> for Verifier {
    fn from_ref(state: &AppState) -> Self {
        state.verifier.clone()
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Orderflow: operations", description = "The broker, for staff: its queues, and what is parked."),
    tags(
        (name = "queues", description = "What waits, what is being done, and by how many. For staff."),
        (name = "parked", description = "Messages that could not be dealt with: to be seen, sent back to work, or discarded. For staff."),
    ),
    modifiers(&BearerToken)
)]
struct Document;

/// All endpoints.
pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(list_queues::list_queues))
        .routes(routes!(list_parked::list_parked))
        .routes(routes!(show_parked::show_parked, discard_parked::discard_parked))
        .routes(routes!(replay_parked::replay_parked))
        .with_state(state)
}

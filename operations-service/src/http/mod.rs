//! The HTTP interface of the service, with one file for each endpoint. All endpoints are for staff.

mod discard_parked;
mod error;
mod list_parked;
mod list_queues;
mod replay_parked;
mod show_parked;

use crate::management::Management;
use axum::extract::FromRef;
use messaging::parking::Parking;
use rest::{auth::verifier::Verifier, openapi::BearerToken};
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The dependencies of the endpoints.
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
    info(title = "Orderflow: operations", description = "The queues and the parked messages of the broker, for staff."),
    tags(
        (name = "queues", description = "The queues with their messages and consumers. For staff."),
        (name = "parked", description = "Messages that failed. Staff read, replay or discard them."),
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

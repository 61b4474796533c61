//! The HTTP interface of the service, with one file for each endpoint. All endpoints are for staff.

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

use crate::{management::Management, replay::Replayer};
use axum::extract::FromRef;
use rest::{auth::verifier::Verifier, openapi::BearerToken};
use sqlx::PgPool;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The dependencies of the endpoints.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) pool: PgPool,
    pub(crate) replayer: Replayer,
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
        .routes(routes!(list_audit::list_audit))
        .routes(routes!(replay_many::replay_many))
        .routes(routes!(discard_many::discard_many))
        .routes(routes!(show_parked::show_parked, discard_parked::discard_parked))
        .routes(routes!(replay_parked::replay_parked))
        .with_state(state)
}

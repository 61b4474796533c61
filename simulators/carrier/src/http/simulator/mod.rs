//! Routes for tests, under `/simulator`. No carrier has them, and they need no API key.

mod faults;
mod shipments;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes for tests.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(faults::get_faults, faults::put_faults))
        .routes(routes!(shipments::list_shipments))
}

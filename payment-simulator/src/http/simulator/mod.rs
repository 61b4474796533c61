//! Routes for tests, under `/simulator`. No payment provider has them, and they need no API key.

mod faults;
mod ledger;
mod order;

use crate::{ledger::Closed, state::AppState};
use rest::problem::{self, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes for tests.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(order::get_order))
        .routes(routes!(ledger::get_ledger))
        .routes(routes!(faults::get_faults, faults::put_faults))
}

fn closed(error: &Closed) -> Problem {
    problem::internal(error)
}

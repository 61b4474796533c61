//! The routes, with one file for each route. Staff use them to compare the ledger with the provider's list
//! (`orderctl reconcile`).

mod error;
mod list_charges;
mod list_provider_charges;
mod listing;

use crate::state::AppState;
use rest::openapi::BearerToken;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(OpenApi)]
#[openapi(
    info(title = "Orderflow: payments", description = "Charges and refunds, for staff."),
    tags((name = "charges", description = "The ledger of charges, and the payment provider's own list. For staff.")),
    modifiers(&BearerToken)
)]
struct Document;

/// All routes.
pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(list_charges::list_charges))
        .routes(routes!(list_provider_charges::list_provider_charges))
        .with_state(state)
}

//! The HTTP endpoints of the worker, one file each. Staff use them to compare the ledger with the provider's
//! list (`orderctl reconcile`).

mod error;
mod list_charges;
mod list_provider_charges;
mod listing;

use crate::{db::ledger::Ledger, provider::Provider};
use axum::extract::FromRef;
use rest::{auth::verifier::Verifier, openapi::BearerToken};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The state that the endpoints share.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) ledger: Ledger,
    pub(crate) provider: Provider,
    pub(crate) verifier: Verifier,
}

impl FromRef<AppState> for Verifier {
    fn from_ref(state: &AppState) -> Self {
        state.verifier.clone()
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Orderflow: payments", description = "Charges and refunds, for staff."),
    tags((name = "charges", description = "The ledger of charges, and the payment provider's own list. For staff.")),
    modifiers(&BearerToken)
)]
struct Document;

/// All endpoints.
pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(list_charges::list_charges))
        .routes(routes!(list_provider_charges::list_provider_charges))
        .with_state(state)
}

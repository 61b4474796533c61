//! The state that all requests share.

use crate::shipments::Shipments;
use axum::extract::FromRef;
use rest::{auth::verifier::Verifier, webhook::WebhookSecret};

/// The state that all requests share.
#[derive(Clone)]
pub(crate) struct AppState {
    /// The shipments.
    pub(crate) shipments: Shipments,
    /// Verifies the webhooks of the carrier.
    pub(crate) carrier_secret: WebhookSecret,
    /// Verifies the access tokens of requests.
    pub(crate) verifier: Verifier,
}

impl FromRef<AppState> for Verifier {
    fn from_ref(state: &AppState) -> Self {
        state.verifier.clone()
    }
}

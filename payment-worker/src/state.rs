//! The state that all requests share.

use crate::{db::ledger::Ledger, provider::Provider};
use axum::extract::FromRef;
use rest::auth::verifier::Verifier;

/// The state that all requests share.
#[derive(Clone)]
pub(crate) struct AppState {
    /// The charges and refunds.
    pub(crate) ledger: Ledger,
    /// The payment provider.
    pub(crate) provider: Provider,
    /// Verifies the access tokens of requests.
    pub(crate) verifier: Verifier,
}

impl FromRef<AppState> for Verifier {
    fn from_ref(state: &AppState) -> Self {
        state.verifier.clone()
    }
}

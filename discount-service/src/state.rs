//! The state that all requests share.

use crate::{catalogue::Catalogue, domain::ledger::Request};
use axum::extract::FromRef;
use contract::money::Currency;
use rest::auth::verifier::Verifier;
use sqlx::PgPool;
use storage::group_commit::GroupCommit;

/// The state that all requests share.
#[derive(Clone)]
pub(crate) struct AppState {
    /// The connections to the database.
    pub(crate) pool: PgPool,
    /// Commits the requests for claims together.
    pub(crate) claims: GroupCommit<Request>,
    /// Finds list prices.
    pub(crate) catalogue: Catalogue,
    /// Verifies the access tokens of requests.
    pub(crate) verifier: Verifier,
    /// The currency of all amounts.
    pub(crate) currency: Currency,
}

impl FromRef<AppState> for Verifier {
    fn from_ref(state: &AppState) -> Self {
        state.verifier.clone()
    }
}

//! The state that all requests share.

use crate::{management::Management, replay::Replayer};
use axum::extract::FromRef;
use rest::auth::verifier::Verifier;
use sqlx::PgPool;
use std::sync::Arc;

/// The state that all requests share.
#[derive(Clone)]
pub(crate) struct AppState {
    /// The connections to the database.
    pub(crate) pool: PgPool,
    /// Replays parked messages.
    pub(crate) replayer: Replayer,
    /// RabbitMQ's management API.
    pub(crate) management: Arc<Management>,
    /// Verifies the access tokens of requests.
    pub(crate) verifier: Verifier,
}

impl FromRef<AppState> for Verifier {
    fn from_ref(state: &AppState) -> Self {
        state.verifier.clone()
    }
}

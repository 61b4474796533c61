//! The state that all requests share.

use crate::{backlog::Backlog, change::Orders, domain::limits::Limits, push::hub::Hub};
use axum::extract::FromRef;
use contract::ids::UserId;
use rest::{auth::verifier::Verifier, rate_limit::RateLimit};
use std::{ops::Deref, sync::Arc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The state that all handlers share. axum clones it several times for each request.
#[derive(Clone)]
pub(crate) struct AppState(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) orders: Orders,
    pub(crate) verifier: Verifier,
    pub(crate) hub: Hub,
    pub(crate) placing: Arc<RateLimit<UserId>>,
    pub(crate) limits: Limits,
    pub(crate) backlog: Backlog,
    /// Notifies WebSockets of the shutdown. They outlive their requests, so `sockets` tracks them.
    pub(crate) shutdown: CancellationToken,
    pub(crate) sockets: TaskTracker,
}

impl From<Shared> for AppState {
    fn from(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<AppState> for Verifier {
    fn from_ref(state: &AppState) -> Self {
        state.verifier.clone()
    }
}

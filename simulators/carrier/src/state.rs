//! The state that all requests share.

use crate::{faults::Faults, ledger::Ledger};
use std::sync::Arc;

/// The state that all requests share.
#[derive(Clone)]
pub(crate) struct AppState {
    /// All parcels.
    pub(crate) ledger: Arc<Ledger>,
    /// The fault switches.
    pub(crate) faults: Arc<Faults>,
    /// The accepted API key. `None` accepts any key.
    pub(crate) api_key: Option<Arc<str>>,
}

//! The state that all requests share.

use crate::{faults::Faults, ledger::Ledger};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The state that all requests share.
#[derive(Clone)]
pub(crate) struct AppState {
    /// All charges, refunds and answers.
    pub(crate) ledger: Ledger,
    /// The fault switches.
    pub(crate) faults: Arc<Faults>,
    /// The accepted API key. `None` accepts any key.
    pub(crate) api_key: Option<Arc<str>>,
    /// Cancelled when the process should end.
    pub(crate) shutdown: CancellationToken,
}

//! The state that all requests share.

use crate::{faults::Faults, ledger::Ledger};
use tokio_util::sync::CancellationToken;

/// The state that all requests share.
pub(crate) struct AppState {
    /// All charges, refunds and answers.
    pub ledger: Ledger,
    /// The fault switches.
    pub faults: Faults,
    /// The accepted API key. `None` accepts any key.
    pub api_key: Option<String>,
    /// Cancelled when the process should end.
    pub shutdown: CancellationToken,
}

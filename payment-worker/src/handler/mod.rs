//! One file for each event that moves money.
//!
//! Events come in any order and any number of times, two of one order also at once. What keeps the
//! money right is the ledger, the provider's idempotency keys, and order-service's say on whether a
//! charge is wanted; nothing here remembers.

mod charge;
mod refund;
pub(crate) mod sweep;

use crate::{
    charge::Charge,
    db::ledger::Ledger,
    provider::{Provider, ProviderError},
};
use contract::events::{Change, OrderEvent};
use messaging::{consumer::Handler, outcome::Outcome};
use rest::{client::CallError, orders_client::OrdersClient};
use std::sync::Arc;
use storage::group_commit::CommitError;

/// The worker's business. Cheap to clone.
#[derive(Clone)]
pub(crate) struct PaymentWorker {
    /// The ledger of charges.
    pub ledger: Ledger,
    /// The payment provider.
    pub provider: Provider,
    /// order-service.
    pub orders: Arc<OrdersClient>,
}

/// Why an event was not dealt with.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the ledger failed: {0}")]
    Ledger(#[from] sqlx::Error),
    #[error("the ledger failed: {0}")]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Orders(#[from] CallError),
    /// Ledger, provider and order-service do not agree; somebody must look.
    #[error("{0}")]
    Contradiction(String),
}

impl Handler for PaymentWorker {
    async fn handle(&self, event: OrderEvent) -> Outcome {
        let OrderEvent { order_id, change, .. } = event;
        let handled = match change {
            Change::Reserved { total, payment_method, attempt, .. } => {
                charge::handle(self, &Charge { order_id, attempt, total, payment_method }).await
            }
            Change::RefundRequested {} => refund::handle(self, order_id).await,
            other => return Outcome::Park(format!("{} is not for payment-worker", other.name())),
        };
        match handled {
            Ok(()) => Outcome::Done,
            Err(failure) if failure.passes() => Outcome::Retry(failure.to_string()),
            Err(failure) => Outcome::Park(failure.to_string()),
        }
    }
}

impl Failure {
    fn passes(&self) -> bool {
        match self {
            // Whatever is wrong with a database is mended there, not in the event.
            Self::Ledger(_) | Self::Commit(_) => true,
            Self::Provider(error) => error.passes(),
            Self::Orders(error) => error.passes(),
            Self::Contradiction(_) => false,
        }
    }
}

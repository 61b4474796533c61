//! The handlers of events that move money, one file per event, and the sweep.
//!
//! Events may arrive in any order, several times, and concurrently for one order. The handlers keep no state.
//! The ledger records each charge before it starts. The provider deduplicates by idempotency key.
//! order-service decides whether a charge is wanted.

mod charge;
mod free;
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

/// The handler of all events. Cheap to clone.
#[derive(Clone)]
pub(crate) struct PaymentWorker {
    /// The ledger of charges.
    pub ledger: Ledger,
    /// The payment provider.
    pub provider: Provider,
    /// order-service.
    pub orders: Arc<OrdersClient>,
}

/// The reason why an event was not handled.
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
    /// The ledger, the provider and order-service disagree. An operator must resolve it.
    #[error("{0}")]
    Contradiction(String),
}

impl Handler for PaymentWorker {
    type Event = OrderEvent;

    async fn handle(&self, event: OrderEvent) -> Outcome {
        let OrderEvent { order_id, change, .. } = event;
        let handled = match change {
            Change::Reserved { total, attempt, .. } if total.amount_minor == 0 => {
                free::handle(self, order_id, attempt).await
            }
            Change::Reserved { total, payment_method, attempt, .. } => {
                charge::handle(self, &Charge { order_id, attempt, total, payment_method }).await
            }
            Change::RefundRequested {} => refund::handle(self, order_id).await,
            other => return Outcome::Park(format!("{} is not for payment-worker", other.name())),
        };
        match handled {
            Ok(()) => Outcome::Done,
            Err(failure) if failure.is_temporary() => Outcome::Retry(failure.to_string()),
            Err(failure) => Outcome::Park(failure.to_string()),
        }
    }
}

impl Failure {
    /// Whether a later retry may succeed.
    fn is_temporary(&self) -> bool {
        match self {
            // A database error is never the fault of the event.
            Self::Ledger(_) | Self::Commit(_) => true,
            Self::Provider(error) => error.is_temporary(),
            Self::Orders(error) => error.is_temporary(),
            Self::Contradiction(_) => false,
        }
    }
}

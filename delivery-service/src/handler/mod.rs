//! The handler of events, one file per event, and the background tasks.

mod order_completed;
pub(crate) mod search;
pub(crate) mod sweep;

use crate::{orders::Orders, shipments::Shipments};
use contract::events::{Change, OrderEvent};
use messaging::{consumer::Handler, outcome::Outcome};
use rest::client::CallError;
use storage::group_commit::CommitError;

/// The handler of all events. Cheap to clone.
#[derive(Clone)]
pub(crate) struct DeliveryWorker {
    /// The shipments.
    pub(crate) shipments: Shipments,
    /// order-service.
    pub(crate) orders: Orders,
}

/// The reason why an event was not handled.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the database failed: {0}")]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Orders(#[from] CallError),
    #[error("order-service does not know the order")]
    UnknownOrder,
}

impl Handler for DeliveryWorker {
    type Event = OrderEvent;

    async fn handle(&self, event: OrderEvent) -> Outcome {
        let handled = match event.change {
            Change::Completed {} => order_completed::handle(self, event.order_id).await,
            other => return Outcome::Park(format!("{} is not for delivery-service", other.name())),
        };
        match handled {
            Ok(()) => Outcome::Done,
            Err(failure @ Failure::UnknownOrder) => Outcome::Park(failure.to_string()),
            // An order-service of the release before has no route for addresses. It is replaced during the
            // upgrade.
            Err(failure) => Outcome::Retry(failure.to_string()),
        }
    }
}

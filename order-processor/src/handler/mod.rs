//! The handlers of events, with one file for each event.
//!
//! Events may arrive in any sequence, repeatedly and concurrently. If a handler checked a state before it
//! acted, the state could change in between. So a handler does not check first. catalog-service and
//! order-service each decide in one transaction, and a handler follows their answers.

mod order_cancelled;
mod order_created;
mod order_paid;
mod order_refunded;

use crate::catalog::CatalogClient;
use contract::events::{Change, OrderEvent};
use messaging::{consumer::Handler, outcome::Outcome};
use rest::{client::CallError, orders_client::OrdersClient};

/// Handles the events of order-processor.
pub(crate) struct Processor {
    /// The client of catalog-service.
    pub catalog: CatalogClient,
    /// The client of order-service.
    pub orders: OrdersClient,
}

impl Handler for Processor {
    type Event = OrderEvent;

    async fn handle(&self, event: OrderEvent) -> Outcome {
        let OrderEvent { order_id, change, .. } = event;
        let handled = match change {
            Change::Created { items, expected_total } => {
                order_created::handle(self, order_id, items, expected_total).await
            }
            Change::Paid { .. } => order_paid::handle(self, order_id).await,
            Change::Cancelled { .. } => order_cancelled::handle(self, order_id).await,
            Change::Refunded { .. } => order_refunded::handle(self, order_id).await,
            other => return Outcome::Park(format!("order-processor does not handle {}", other.name())),
        };
        handled.map_or_else(|error| outcome(&error), |()| Outcome::Done)
    }
}

fn outcome(error: &CallError) -> Outcome {
    if error.is_temporary() { Outcome::Retry(error.to_string()) } else { Outcome::Park(error.to_string()) }
}

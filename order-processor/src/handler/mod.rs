//! The handlers of events, with one file for each event.
//!
//! Events may arrive in any sequence, repeatedly and concurrently. If a handler checked a state before it
//! acted, the state could change in between. So a handler does not check first. catalog-service,
//! discount-service and order-service each decide in one transaction, and a handler follows their answers.

mod order_cancelled;
mod order_created;
mod order_paid;
mod order_refunded;
mod order_rejected;

use crate::{catalog::CatalogClient, discounts::DiscountsClient};
use contract::{
    events::{Change, OrderEvent},
    ids::OrderId,
};
use messaging::{consumer::Handler, outcome::Outcome};
use order_created::Placed;
use rest::{client::CallError, orders_client::OrdersClient};

/// Handles the events of order-processor.
pub(crate) struct Processor {
    /// The client of catalog-service.
    pub catalog: CatalogClient,
    /// The client of discount-service.
    pub discounts: DiscountsClient,
    /// The client of order-service.
    pub orders: OrdersClient,
}

impl Handler for Processor {
    type Event = OrderEvent;

    async fn handle(&self, event: OrderEvent) -> Outcome {
        let OrderEvent { order_id, user_id, change, .. } = event;
        let handled = match change {
            Change::Created { items, codes, expected_total } => {
                let placed = Placed { order_id, user_id, items, codes, expected_total };
                order_created::handle(self, placed).await
            }
            Change::Rejected { .. } => order_rejected::handle(self, order_id).await,
            Change::Paid { .. } => order_paid::handle(self, order_id).await,
            Change::Cancelled { .. } => order_cancelled::handle(self, order_id).await,
            Change::Refunded { .. } => order_refunded::handle(self, order_id).await,
            other => return Outcome::Park(format!("order-processor does not handle {}", other.name())),
        };
        handled.map_or_else(|error| outcome(&error), |()| Outcome::Done)
    }
}

impl Processor {
    /// Releases the stock and the discounts of an order. Tries both, also if one of the services is down.
    async fn release(&self, order_id: OrderId) -> Result<(), CallError> {
        let (stock, discounts) =
            tokio::join!(self.catalog.release(order_id), self.discounts.release(order_id));
        stock.and(discounts)
    }
}

fn outcome(error: &CallError) -> Outcome {
    if error.is_temporary() { Outcome::Retry(error.to_string()) } else { Outcome::Park(error.to_string()) }
}

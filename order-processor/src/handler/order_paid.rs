//! `order_paid`: hands the stock out and completes the order.

use super::Processor;
use crate::catalog::Committed;
use contract::{ids::OrderId, orders::StatusUpdate};
use rest::{client::CallError, orders_client::Patched};

pub(super) async fn handle(processor: &Processor, order_id: OrderId) -> Result<(), CallError> {
    if processor.catalog.commit(order_id).await? == Committed::AlreadyReleased {
        // Only a refund gives back the stock of a paid order, so this event comes late and the order
        // has its end. Should it be `paid` all the same, completing it without goods would hide the
        // fault; left as it is, order-service reports it as stuck.
        tracing::warn!("paid, but its stock has been given back; not completed");
        return Ok(());
    }
    match processor.orders.patch(order_id, &StatusUpdate::Completed {}).await? {
        Patched::Accepted => tracing::info!("completed"),
        // A refund was asked for meanwhile: `order_refunded` will bring the stock back.
        Patched::Conflict(status) => tracing::info!(%status, "not completed; the order has moved on"),
    }
    Ok(())
}

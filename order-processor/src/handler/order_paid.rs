//! `order_paid`: commits the stock and the discounts, and completes the order.

use super::Processor;
use crate::catalog::Committed;
use contract::{ids::OrderId, orders::StatusUpdate};
use rest::{client::CallError, orders_client::Patched};

pub(super) async fn handle(processor: &Processor, order_id: OrderId) -> Result<(), CallError> {
    let (stock, discounts) =
        tokio::join!(processor.catalog.commit(order_id), processor.discounts.commit(order_id));
    discounts?;
    if stock? == Committed::AlreadyReleased {
        // Only a refund releases the stock of a paid order, so this event is late and the order has ended.
        // If a fault left the order `paid`, completing it without goods would hide the fault. Without
        // completion, order-service reports the order as stuck.
        tracing::warn!("not completed; the order is paid, but its stock was released");
        return Ok(());
    }
    match processor.orders.patch(order_id, &StatusUpdate::Completed {}).await? {
        Patched::Accepted => tracing::info!("completed"),
        // A refund was requested in the meantime. `order_refunded` will release the stock.
        Patched::Conflict(status) => tracing::info!(%status, "not completed; the order has moved on"),
    }
    Ok(())
}

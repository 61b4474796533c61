//! `order_reserved` for an order that discounts make free: it is paid without a charge.

use super::{Failure, PaymentWorker};
use contract::{
    ids::OrderId,
    orders::{NO_PAYMENT, StatusUpdate},
};
use rest::orders_client::Patched;

pub(super) async fn handle(worker: &PaymentWorker, order_id: OrderId, attempt: u32) -> Result<(), Failure> {
    let update = StatusUpdate::Paid { attempt, payment_id: NO_PAYMENT.to_owned() };
    match worker.orders.patch(order_id, &update).await? {
        Patched::Accepted => tracing::info!("paid; nothing to charge"),
        // The order was cancelled. No money moved, so nothing is left to do.
        Patched::Conflict(status) => tracing::info!(%status, "nothing to charge; the order has moved on"),
    }
    Ok(())
}

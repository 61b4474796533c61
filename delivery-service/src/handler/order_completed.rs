//! `order_completed`: creates the shipment of the order.

use super::{DeliveryWorker, Failure};
use contract::ids::OrderId;
use runtime::crash;

pub(super) async fn handle(worker: &DeliveryWorker, order_id: OrderId) -> Result<(), Failure> {
    let order = worker.orders.find(order_id).await?.ok_or(Failure::UnknownOrder)?;
    let is_new = worker.shipments.create(order).await?;
    crash::point("shipment.created");
    tracing::info!(is_new, "the order has a shipment");
    Ok(())
}

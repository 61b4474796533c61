//! `order_refunded`: puts the stock back on the shelf.

use super::Processor;
use contract::ids::OrderId;
use rest::client::CallError;

pub(super) async fn handle(processor: &Processor, order_id: OrderId) -> Result<(), CallError> {
    // Committed or, where `order_paid` is late, still held: both go back. The late commit then finds
    // a released reservation and leaves it alone.
    processor.catalog.release(order_id).await
}

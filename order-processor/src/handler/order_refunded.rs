//! `order_refunded`: releases the stock.

use super::Processor;
use contract::ids::OrderId;
use rest::client::CallError;

pub(super) async fn handle(processor: &Processor, order_id: OrderId) -> Result<(), CallError> {
    // The stock is committed or, if `order_paid` is late, still held. Both are released. A late commit then
    // finds a released reservation and changes nothing.
    processor.catalog.release(order_id).await
}

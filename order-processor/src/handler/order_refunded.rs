//! `order_refunded`: releases the stock and the discounts.

use super::Processor;
use contract::ids::OrderId;
use rest::client::CallError;

pub(super) async fn handle(processor: &Processor, order_id: OrderId) -> Result<(), CallError> {
    // Both are committed or, if `order_paid` is late, still held. Both are released. A late commit then
    // changes nothing.
    processor.release(order_id).await
}

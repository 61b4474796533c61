//! `order_rejected`: releases the stock and the discounts.

use super::Processor;
use contract::ids::OrderId;
use rest::client::CallError;

pub(super) async fn handle(processor: &Processor, order_id: OrderId) -> Result<(), CallError> {
    // The stock was held before a code or the total turned out to be wrong. An order that was rejected for
    // its items holds nothing.
    processor.release(order_id).await
}

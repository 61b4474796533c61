//! `order_cancelled`: releases the stock and the discounts.

use super::Processor;
use contract::ids::OrderId;
use rest::client::CallError;

pub(super) async fn handle(processor: &Processor, order_id: OrderId) -> Result<(), CallError> {
    // This also works before `order_created` is handled. Both services store the release, and a later
    // reservation or claim holds nothing.
    processor.release(order_id).await
}

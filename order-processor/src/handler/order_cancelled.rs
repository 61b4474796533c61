//! `order_cancelled`: releases the stock.

use super::Processor;
use contract::ids::OrderId;
use rest::client::CallError;

pub(super) async fn handle(processor: &Processor, order_id: OrderId) -> Result<(), CallError> {
    // This also works before `order_created` is handled. catalog-service stores the release, and a later
    // reservation holds nothing.
    processor.catalog.release(order_id).await
}

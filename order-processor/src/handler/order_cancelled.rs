//! `order_cancelled`: gives the stock back.

use super::Processor;
use contract::ids::OrderId;
use rest::client::CallError;

pub(super) async fn handle(processor: &Processor, order_id: OrderId) -> Result<(), CallError> {
    // Also where `order_created` has not been handled yet: catalog-service remembers the release, and
    // the reservation that comes after it holds nothing.
    processor.catalog.release(order_id).await
}

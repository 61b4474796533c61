//! The client of order-service. Waiting questions about orders share one request.

use contract::{
    addresses::{ShippingOrder, ShippingOrders},
    ids::OrderId,
    page::Page,
};
use rest::{
    batcher::Batcher,
    client::{CallError, ServiceClient, body, refused},
};
use std::{collections::HashMap, sync::Arc};

/// The client of order-service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Orders {
    service: Arc<ServiceClient>,
    lookups: Arc<Batcher<OrderId, Option<ShippingOrder>>>,
}

impl Orders {
    /// A client that calls order-service with `service`. Must be called within a tokio runtime.
    pub(crate) fn new(service: ServiceClient) -> Self {
        let service = Arc::new(service);
        let asked = Arc::clone(&service);
        let lookups = Batcher::new(ShippingOrders::MAX_BATCH, move |ids| addresses(Arc::clone(&asked), ids));
        Self { service, lookups: Arc::new(lookups) }
    }

    /// Finds an order with its address. `None` if there is no such order.
    pub(crate) async fn find(&self, id: OrderId) -> Result<Option<ShippingOrder>, CallError> {
        self.lookups.call(id).await
    }

    /// Lists completed orders between two ids, oldest first.
    pub(crate) async fn completed(
        &self,
        after: OrderId,
        before: OrderId,
    ) -> Result<Page<ShippingOrder>, CallError> {
        let response = self.service.get(&format!("completed-orders?after={after}&before={before}")).await?;
        if !response.status().is_success() {
            return Err(refused(response).await);
        }
        body(response).await
    }
}

/// `GET /addresses`. The answers are in the order of the ids.
async fn addresses(
    service: Arc<ServiceClient>,
    ids: Vec<OrderId>,
) -> Result<Vec<Option<ShippingOrder>>, CallError> {
    let list: Vec<_> = ids.iter().map(ToString::to_string).collect();
    let response = service.get(&format!("addresses?order_ids={}", list.join(","))).await?;
    if !response.status().is_success() {
        return Err(refused(response).await);
    }
    let found = body::<ShippingOrders>(response).await?.orders;
    let by_id: HashMap<_, _> = found.into_iter().map(|order| (order.id, order)).collect();
    Ok(ids.iter().map(|id| by_id.get(id).cloned()).collect())
}

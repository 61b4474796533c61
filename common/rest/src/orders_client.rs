//! Reports status updates of orders to order-service. Used by order-processor and payment-worker.

use crate::{
    batcher::Batcher,
    client::{CallError, ServiceClient, body, refused},
};
use contract::{
    ids::OrderId,
    orders::{OrderStatus, OrderUpdate, StatusAnswer, StatusAnswers, StatusUpdate, StatusUpdates},
    problems::ProblemDetails,
};
use reqwest::{Method, StatusCode};
use runtime::trace::TraceContext;
use std::sync::Arc;

/// A worker's client of order-service. Waiting updates share one request.
pub struct OrdersClient(Batcher<OrderUpdate, StatusAnswer>);

/// The answer of order-service to an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patched {
    /// The update was applied, now or before. Repeating it changes nothing.
    Accepted,
    /// The order has this status, which does not allow the update.
    Conflict(OrderStatus),
}

impl OrdersClient {
    /// A client that calls order-service with `service`. Must be called within a tokio runtime.
    #[must_use]
    pub fn new(service: ServiceClient) -> Self {
        let service = Arc::new(service);
        Self(Batcher::new(StatusUpdates::MAX_BATCH, move |updates| {
            patch_orders(Arc::clone(&service), updates)
        }))
    }

    /// Sends a status update of an order.
    pub async fn patch(&self, order_id: OrderId, update: &StatusUpdate) -> Result<Patched, CallError> {
        let traceparent = TraceContext::current().map(|context| context.child().to_string());
        let update = OrderUpdate { order_id, update: update.clone(), traceparent };
        match self.0.call(update).await?.problem {
            None => Ok(Patched::Accepted),
            Some(problem) => conflict(order_id, problem).map(Patched::Conflict),
        }
    }
}

/// `PATCH /orders`.
async fn patch_orders(
    service: Arc<ServiceClient>,
    updates: Vec<OrderUpdate>,
) -> Result<Vec<StatusAnswer>, CallError> {
    let response = service.send(Method::PATCH, "orders", &StatusUpdates { updates }).await?;
    if !response.status().is_success() {
        return Err(refused(response).await);
    }
    Ok(body::<StatusAnswers>(response).await?.answers)
}

/// The current status of the order, if the problem is a conflict with it.
fn conflict(order_id: OrderId, problem: ProblemDetails) -> Result<OrderStatus, CallError> {
    // A 409 without the order's status is another conflict.
    let current = current_status(&problem).filter(|_| problem.status == StatusCode::CONFLICT);
    current.ok_or_else(|| CallError::of_part(format!("/orders/{order_id}"), problem))
}

fn current_status(problem: &ProblemDetails) -> Option<OrderStatus> {
    problem.more.get("current_status")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_has_the_current_status_of_the_order() {
        let problem = |more: &str| {
            let json = format!(r#"{{"type":"/problems/x","title":"x","status":409,"detail":"x"{more}}}"#);
            serde_json::from_str::<ProblemDetails>(&json).unwrap()
        };
        let current = current_status(&problem(r#","current_status":"cancelled""#));
        assert_eq!(current, Some(OrderStatus::Cancelled));
        assert_eq!(current_status(&problem("")), None);
        assert_eq!(current_status(&problem(r#","current_status":"shipped""#)), None);

        let order = OrderId::new();
        assert_eq!(
            conflict(order, problem(r#","current_status":"cancelled""#)).unwrap(),
            OrderStatus::Cancelled
        );
        let refused = conflict(order, problem("")).unwrap_err();
        assert_eq!(refused.to_string(), format!("/orders/{order} answered 409 Conflict: x"));
    }
}

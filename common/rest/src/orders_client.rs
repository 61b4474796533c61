//! Telling order-service how far an order has come. Used by order-processor and payment-worker.

use crate::{
    client::{CallError, ServiceClient, body, refused},
    together::Together,
};
use contract::{
    ids::OrderId,
    orders::{OrderStatus, OrderUpdate, StatusAnswer, StatusAnswers, StatusUpdate, StatusUpdates},
    problems::ProblemDetails,
};
use reqwest::{Method, StatusCode};
use runtime::trace::TraceContext;
use std::sync::Arc;

/// order-service, as a worker calls it. What waits to be told is told with one request.
pub struct OrdersClient(Together<OrderUpdate, StatusAnswer>);

/// What order-service made of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patched {
    /// The order is there now, or was before: the same update again changes nothing.
    Accepted,
    /// The order cannot go there from this status.
    Conflict(OrderStatus),
}

impl OrdersClient {
    /// A client of the order-service behind `service`. To be called within a runtime.
    #[must_use]
    pub fn new(service: ServiceClient) -> Self {
        let service = Arc::new(service);
        Self(Together::new(StatusUpdates::MOST, move |updates| tell(Arc::clone(&service), updates)))
    }

    /// Moves an order on.
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
async fn tell(
    service: Arc<ServiceClient>,
    updates: Vec<OrderUpdate>,
) -> Result<Vec<StatusAnswer>, CallError> {
    let response = service.send(Method::PATCH, "orders", &StatusUpdates { updates }).await?;
    if !response.status().is_success() {
        return Err(refused(response).await);
    }
    Ok(body::<StatusAnswers>(response).await?.answers)
}

/// Where the order stands instead.
fn conflict(order_id: OrderId, problem: ProblemDetails) -> Result<OrderStatus, CallError> {
    // Without the order's status this is a conflict of another kind.
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
    fn a_conflict_says_where_the_order_stands() {
        let problem = |more: &str| {
            let json = format!(r#"{{"type":"/problems/x","title":"x","status":409,"detail":"x"{more}}}"#);
            serde_json::from_str::<ProblemDetails>(&json).unwrap()
        };
        let stands = current_status(&problem(r#","current_status":"cancelled""#));
        assert_eq!(stands, Some(OrderStatus::Cancelled));
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

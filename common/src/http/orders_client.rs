//! Telling order-service how far an order has come. Used by order-processor and payment-worker.

use super::{
    client::{CallError, ServiceClient, refused},
    problem::Problem,
};
use crate::contract::{
    ids::OrderId,
    orders::{OrderStatus, StatusUpdate},
};
use reqwest::{Method, StatusCode};

/// order-service, as a worker calls it.
pub struct OrdersClient(ServiceClient);

/// What order-service made of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patched {
    /// The order is there now, or was before: the same update again changes nothing.
    Accepted,
    /// The order cannot go there from this status.
    Conflict(OrderStatus),
}

impl OrdersClient {
    /// A client of the order-service behind `service`.
    #[must_use]
    pub fn new(service: ServiceClient) -> Self {
        Self(service)
    }

    /// Moves an order on: `PATCH /orders/{id}`.
    pub async fn patch(&self, order_id: OrderId, update: &StatusUpdate) -> Result<Patched, CallError> {
        let response = self.0.send(Method::PATCH, &format!("orders/{order_id}"), update).await?;
        match response.status() {
            status if status.is_success() => Ok(Patched::Accepted),
            StatusCode::CONFLICT => {
                let path = response.url().path().to_owned();
                let problem: Problem = response.json().await?;
                // Without the order's status this is a conflict of another kind.
                current_status(&problem).map(Patched::Conflict).ok_or(CallError::Refused {
                    path,
                    status: StatusCode::CONFLICT,
                    detail: problem.detail,
                })
            }
            _ => Err(refused(response).await),
        }
    }
}

fn current_status(problem: &Problem) -> Option<OrderStatus> {
    problem.more.get("current_status")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_says_where_the_order_stands() {
        let problem = |more: &str| {
            let json = format!(r#"{{"type":"/problems/x","title":"x","status":409,"detail":"x"{more}}}"#);
            serde_json::from_str::<Problem>(&json).unwrap()
        };
        let stands = current_status(&problem(r#","current_status":"cancelled""#));
        assert_eq!(stands, Some(OrderStatus::Cancelled));
        assert_eq!(current_status(&problem("")), None);
        assert_eq!(current_status(&problem(r#","current_status":"shipped""#)), None);
    }
}

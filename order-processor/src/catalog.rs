//! The client of catalog-service's reservations. Each call is idempotent. Concurrent calls share a request.

use contract::{
    catalog::{
        Reservation, ReservationAnswer, ReservationAnswers, ReservationRefusal, ReservationUpdate,
        ReservationUpdates, StockUpdate,
    },
    ids::OrderId,
    orders::Item,
    problems::ProblemDetails,
};
use reqwest::{Method, StatusCode};
use rest::{
    batcher::Batcher,
    client::{CallError, ServiceClient, body, refused},
};
use runtime::trace::TraceContext;
use std::sync::Arc;

/// The client of catalog-service.
pub(crate) struct CatalogClient(Batcher<ReservationUpdate, ReservationAnswer>);

/// The answer to a request to hold stock.
pub(crate) enum Reserved {
    /// The order has a reservation, new or old, in any status.
    Yes(Reservation),
    /// Nothing is held.
    No(ReservationRefusal),
}

/// The outcome of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// The stock has left the warehouse.
    Yes,
    /// The stock was released before, so it cannot leave.
    AlreadyReleased,
}

impl CatalogClient {
    /// Creates a client. Must be called within a Tokio runtime.
    pub(crate) fn new(service: ServiceClient) -> Self {
        let service = Arc::new(service);
        Self(Batcher::new(ReservationUpdates::MAX_BATCH, move |updates| ask(Arc::clone(&service), updates)))
    }

    /// Holds all items of an order, or nothing.
    pub(crate) async fn reserve(&self, order_id: OrderId, items: Vec<Item>) -> Result<Reserved, CallError> {
        // The customer expects a total after discounts, which catalog-service does not know.
        match self.update(order_id, StockUpdate::Reserve { items, expected_total: None }).await? {
            ReservationAnswer::Reservation(reservation) => Ok(Reserved::Yes(reservation)),
            ReservationAnswer::Refusal(refusal) => Ok(Reserved::No(refusal)),
            ReservationAnswer::Problem(problem) => Err(unexpected(order_id, problem)),
        }
    }

    /// Takes the held stock of an order out of the warehouse.
    pub(crate) async fn commit(&self, order_id: OrderId) -> Result<Committed, CallError> {
        match self.update(order_id, StockUpdate::Commit {}).await? {
            ReservationAnswer::Problem(problem) if problem.status == StatusCode::CONFLICT => {
                Ok(Committed::AlreadyReleased)
            }
            ReservationAnswer::Problem(problem) => Err(unexpected(order_id, problem)),
            ReservationAnswer::Reservation(_) | ReservationAnswer::Refusal(_) => Ok(Committed::Yes),
        }
    }

    /// Releases the held or committed stock of an order. A release before the reservation prevents it.
    pub(crate) async fn release(&self, order_id: OrderId) -> Result<(), CallError> {
        match self.update(order_id, StockUpdate::Release {}).await? {
            ReservationAnswer::Problem(problem) => Err(unexpected(order_id, problem)),
            ReservationAnswer::Reservation(_) | ReservationAnswer::Refusal(_) => Ok(()),
        }
    }

    async fn update(&self, order_id: OrderId, update: StockUpdate) -> Result<ReservationAnswer, CallError> {
        let traceparent = TraceContext::current().map(|context| context.child().to_string());
        self.0.call(ReservationUpdate { order_id, update, traceparent }).await
    }
}

/// `PATCH /reservations`.
async fn ask(
    service: Arc<ServiceClient>,
    updates: Vec<ReservationUpdate>,
) -> Result<Vec<ReservationAnswer>, CallError> {
    let response = service.send(Method::PATCH, "reservations", &ReservationUpdates { updates }).await?;
    if !response.status().is_success() {
        return Err(refused(response).await);
    }
    Ok(body::<ReservationAnswers>(response).await?.answers)
}

fn unexpected(order_id: OrderId, problem: ProblemDetails) -> CallError {
    CallError::of_part(format!("/reservations/{order_id}"), problem)
}

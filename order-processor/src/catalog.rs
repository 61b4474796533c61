//! catalog-service's reservations. Each call can be repeated without harm, and goes with what else waits to be asked.

use contract::{
    catalog::{
        Reservation, ReservationAnswer, ReservationAnswers, ReservationRefusal, ReservationUpdate,
        ReservationUpdates, StockUpdate,
    },
    ids::OrderId,
    money::Money,
    orders::Item,
    problems::ProblemDetails,
};
use reqwest::{Method, StatusCode};
use rest::{
    client::{CallError, ServiceClient, body, refused},
    together::Together,
};
use runtime::trace::TraceContext;
use std::sync::Arc;

/// catalog-service, as this worker calls it.
pub(crate) struct CatalogClient(Together<ReservationUpdate, ReservationAnswer>);

/// catalog-service's answer to the wish to hold stock.
pub(crate) enum Reserved {
    /// The order has a reservation: a new one, or the one it had before, however that stands now.
    Yes(Reservation),
    /// Nothing is held.
    No(ReservationRefusal),
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// The stock has left the warehouse, now or before.
    Yes,
    /// There was nothing to hand out any more: the stock had been given back.
    AlreadyReleased,
}

impl CatalogClient {
    /// A client of the catalog-service behind `service`. To be called within a runtime.
    pub(crate) fn new(service: ServiceClient) -> Self {
        let service = Arc::new(service);
        Self(Together::new(ReservationUpdates::MOST, move |updates| ask(Arc::clone(&service), updates)))
    }

    /// Holds all that an order asks for, or nothing.
    pub(crate) async fn reserve(
        &self,
        order_id: OrderId,
        items: Vec<Item>,
        expected_total: Option<Money>,
    ) -> Result<Reserved, CallError> {
        match self.update(order_id, StockUpdate::Reserve { items, expected_total }).await? {
            ReservationAnswer::Reservation(reservation) => Ok(Reserved::Yes(reservation)),
            ReservationAnswer::Refusal(refusal) => Ok(Reserved::No(refusal)),
            ReservationAnswer::Problem(problem) => Err(unexpected(order_id, problem)),
        }
    }

    /// Takes what an order holds out of the warehouse.
    pub(crate) async fn commit(&self, order_id: OrderId) -> Result<Committed, CallError> {
        match self.update(order_id, StockUpdate::Commit {}).await? {
            ReservationAnswer::Problem(problem) if problem.status == StatusCode::CONFLICT => {
                Ok(Committed::AlreadyReleased)
            }
            ReservationAnswer::Problem(problem) => Err(unexpected(order_id, problem)),
            ReservationAnswer::Reservation(_) | ReservationAnswer::Refusal(_) => Ok(Committed::Yes),
        }
    }

    /// Gives back what an order holds or has taken. Said before anything is held, it keeps the order
    /// from ever reserving.
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

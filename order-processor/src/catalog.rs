//! catalog-service's reservations. Each call can be repeated without harm.

use common::{
    contract::{
        catalog::{Reservation, ReservationRefusal, ReservationRequest},
        ids::OrderId,
    },
    http::client::{CallError, ServiceClient, body, refused},
};
use reqwest::{Method, StatusCode};

/// catalog-service, as this worker calls it.
pub(crate) struct CatalogClient(ServiceClient);

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
    /// A client of the catalog-service behind `service`.
    pub(crate) const fn new(service: ServiceClient) -> Self {
        Self(service)
    }

    /// Holds all that an order asks for, or nothing.
    pub(crate) async fn reserve(&self, request: &ReservationRequest) -> Result<Reserved, CallError> {
        let response = self.0.send(Method::POST, "reservations", request).await?;
        match response.status() {
            status if status.is_success() => Ok(Reserved::Yes(body(response).await?)),
            StatusCode::CONFLICT => Ok(Reserved::No(body(response).await?)),
            _ => Err(refused(response).await),
        }
    }

    /// Takes what an order holds out of the warehouse.
    pub(crate) async fn commit(&self, order_id: OrderId) -> Result<Committed, CallError> {
        let response = self.0.send(Method::POST, &format!("reservations/{order_id}/commit"), &()).await?;
        match response.status() {
            status if status.is_success() => Ok(Committed::Yes),
            StatusCode::CONFLICT => Ok(Committed::AlreadyReleased),
            _ => Err(refused(response).await),
        }
    }

    /// Gives back what an order holds or has taken. Said before anything is held, it keeps the order
    /// from ever reserving.
    pub(crate) async fn release(&self, order_id: OrderId) -> Result<(), CallError> {
        let response = self.0.send(Method::POST, &format!("reservations/{order_id}/release"), &()).await?;
        if response.status().is_success() { Ok(()) } else { Err(refused(response).await) }
    }
}

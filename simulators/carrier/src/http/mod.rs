//! The routes of the carrier, with one file for each route, and the simulator's own routes under
//! `/simulator`.

mod change_address;
mod create_shipment;
mod error;
mod get_shipment;
mod simulator;

use crate::{
    domain::parcel::{Address, Event, Parcel, Status},
    state::AppState,
    webhooks::Webhooks,
};
use axum::{
    Extension,
    extract::{Request, State},
    http::header,
    middleware::{self, Next},
    response::Response,
};
use error::Error;
use serde::Serialize;
use tokio::time::sleep;
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The header of the OpenAPI document.
#[derive(OpenApi)]
#[openapi(
    info(title = "carrier-simulator", description = "Simulates a parcel carrier. Nothing is carried."),
    tags(
        (name = "shipments", description = "The parcels of a sender"),
        (name = "simulator", description = "Routes for tests. A carrier does not have them"),
    ),
    modifiers(&ApiKey),
)]
struct Document;

/// Adds the security scheme `api_key`.
struct ApiKey;

impl Modify for ApiKey {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("api_key", SecurityScheme::Http(scheme));
    }
}

/// A parcel, as the sender sees it.
#[derive(Debug, Serialize, ToSchema)]
struct Shipment {
    /// The number of the parcel.
    id: String,
    /// The sender's own name for it.
    reference: String,
    /// Its status.
    status: Status,
    /// The address of the recipient.
    address: Address,
    /// All events so far, oldest first.
    events: Vec<Event>,
}

impl From<Parcel> for Shipment {
    fn from(parcel: Parcel) -> Self {
        let status = parcel.status();
        let Parcel { id, reference, address, events, .. } = parcel;
        Self { id, reference, status, address, events }
    }
}

/// All routes. They send webhooks with `webhooks`.
pub(crate) fn routes(state: AppState, webhooks: Webhooks) -> OpenApiRouter {
    let carrier = OpenApiRouter::new()
        .routes(routes!(create_shipment::create_shipment))
        .routes(routes!(get_shipment::get_shipment))
        .routes(routes!(change_address::change_address))
        .layer(Extension(webhooks))
        .layer(middleware::from_fn_with_state(state.clone(), admit));
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(carrier)
        .merge(simulator::routes())
        .with_state(state)
}

/// Requires an API key. Delays the answer, or answers 503, while these faults are on.
async fn admit(State(state): State<AppState>, request: Request, next: Next) -> Result<Response, Error> {
    if state.faults.is_unavailable() {
        return Err(Error::unavailable());
    }
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = header.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim).unwrap_or_default();
    if key.is_empty() || state.api_key.as_deref().is_some_and(|expected| key != expected) {
        return Err(Error::bad_key());
    }
    sleep(state.faults.delay()).await;
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Simulator, parcel};
    use serde_json::json;

    #[tokio::test]
    async fn a_request_needs_the_api_key() {
        let simulator = Simulator::start();
        let (status, _) = simulator.create_as("Bearer wrong", "k", &parcel("7")).await;
        assert_eq!(status, 401);
        let (status, _) = simulator.create_as("", "k", &parcel("7")).await;
        assert_eq!(status, 401);
        assert_eq!(simulator.create("k", &parcel("7")).await.0, 201);
    }

    #[tokio::test]
    async fn an_unavailable_carrier_takes_nothing() {
        let simulator = Simulator::start();
        simulator.faults(r#"{"unavailable_percent":100}"#);
        assert_eq!(simulator.create("k", &parcel("7")).await.0, 503);
        assert_eq!(simulator.get("/simulator/shipments").await.1, json!([]));
    }
}

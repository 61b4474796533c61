//! `POST /shipments`

use super::{Shipment, error::Error};
use crate::{
    domain::parcel::{Address, Parcel},
    ledger::Taken,
    state::AppState,
    webhooks::Webhooks,
};
use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use chrono::Utc;
use rest::extract;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A parcel to take.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewShipment {
    /// The sender's own name for it.
    reference: String,
    /// The address of the recipient.
    address: Address,
}

/// Takes a parcel. A request with the same `Idempotency-Key` gets the parcel of the first one.
#[utoipa::path(
    post,
    path = "/shipments",
    tag = "shipments",
    security(("api_key" = [])),
    params(("Idempotency-Key" = String, Header, description = "The same for all tries")),
    request_body = NewShipment,
    responses(
        (status = 201, body = Shipment, description = "The carrier has the parcel"),
        (status = 400, body = super::error::ErrorBody, description = "The key is missing"),
        (status = 422, body = super::error::ErrorBody, description = "The carrier does not take the parcel"),
    ),
)]
pub(super) async fn create_shipment(
    State(state): State<AppState>,
    Extension(webhooks): Extension<Webhooks>,
    headers: HeaderMap,
    extract::Json(NewShipment { reference, address }): extract::Json<NewShipment>,
) -> Result<(StatusCode, Json<Shipment>), Error> {
    let key = headers.get("Idempotency-Key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    if key.is_empty() {
        return Err(Error::bad_request("Send an Idempotency-Key."));
    }
    // A carrier does not refuse a parcel that it has.
    if !state.ledger.knows(key) && state.faults.refuses() {
        return Err(Error::refused());
    }
    let id = format!("PCL-{}", Uuid::now_v7().simple());
    let parcel = Parcel::taken(id, reference, address, state.faults.end(), Utc::now());
    let parcel = match state.ledger.take(key, parcel)? {
        Taken::New(parcel) => {
            if let Some(accepted) = parcel.events.first() {
                webhooks.send(&parcel, accepted);
            }
            if state.faults.fails_after_taking() {
                return Err(Error::broken());
            }
            parcel
        }
        Taken::Before(parcel) => parcel,
        Taken::KeyReused => return Err(Error::key_reused()),
    };
    Ok((StatusCode::CREATED, Json(parcel.into())))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Simulator, parcel};
    use serde_json::json;

    #[tokio::test]
    async fn a_repeated_request_gets_the_same_parcel_even_after_an_error() {
        let simulator = Simulator::start();
        simulator.faults(r#"{"error_after_taking":1}"#);
        assert_eq!(simulator.create("k", &parcel("7")).await.0, 500);
        let (status, first) = simulator.create("k", &parcel("7")).await;
        assert_eq!((status, &first["status"], &first["reference"]), (201, &json!("accepted"), &json!("7")));
        let (_, second) = simulator.create("k", &parcel("7")).await;
        assert_eq!(first, second);
        assert_eq!(simulator.create("k", &parcel("8")).await.0, 422, "the key belongs to another parcel");
        let id = first["id"].as_str().unwrap();
        assert_eq!(simulator.get(&format!("/shipments/{id}")).await, (200, first));
    }

    #[tokio::test]
    async fn a_refused_parcel_is_not_taken() {
        let simulator = Simulator::start();
        simulator.faults(r#"{"refuse_percent":100}"#);
        let (status, body) = simulator.create("k", &parcel("7")).await;
        assert_eq!(status, 422);
        assert_eq!(body["error"], "The carrier does not deliver to this address.");
        assert_eq!(simulator.get("/simulator/shipments").await.1, json!([]));
        simulator.faults("{}");
        assert_eq!(simulator.create("", &parcel("7")).await.0, 400, "a key is needed");
        assert_eq!(simulator.create("k", &parcel("7")).await.0, 201);
        simulator.faults(r#"{"refuse_percent":100}"#);
        assert_eq!(simulator.create("k", &parcel("7")).await.0, 201, "the carrier has the parcel");
    }
}

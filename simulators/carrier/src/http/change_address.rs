//! `PUT /shipments/{id}/address`

use super::{Shipment, error::Error};
use crate::{domain::parcel::Address, ledger::Redirected, state::AppState};
use axum::{Json, extract::State};
use rest::extract::{self, Path};

/// Changes the address of a parcel. Possible until it is out for delivery.
#[utoipa::path(
    put,
    path = "/shipments/{id}/address",
    tag = "shipments",
    security(("api_key" = [])),
    params(("id" = String, Path, description = "The number of the parcel")),
    request_body = Address,
    responses(
        (status = 200, body = Shipment),
        (status = 404, body = super::error::ErrorBody, description = "No such parcel"),
        (status = 409, body = super::error::ErrorBody, description = "The parcel is out for delivery"),
    ),
)]
pub(super) async fn change_address(
    State(state): State<AppState>,
    Path(id): Path<String>,
    extract::Json(address): extract::Json<Address>,
) -> Result<Json<Shipment>, Error> {
    match state.ledger.redirect(&id, address)? {
        Redirected::Done(parcel) => Ok(Json(parcel.into())),
        Redirected::Unknown => Err(Error::unknown_parcel()),
        Redirected::TooLate => Err(Error::too_late()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Simulator, address, parcel};
    use chrono::{DateTime, Utc};
    use serde_json::json;

    #[tokio::test]
    async fn the_address_changes_until_the_parcel_is_out_for_delivery() {
        let simulator = Simulator::start();
        let (_, created) = simulator.create("k", &parcel("7")).await;
        let path = format!("/shipments/{}/address", created["id"].as_str().unwrap());
        let mut moved = json!(address());
        moved["street"] = "2 Side Street".into();
        let (status, body) = simulator.put(&path, &moved).await;
        assert_eq!((status, &body["address"]), (200, &moved));
        simulator.ledger.advance(DateTime::<Utc>::MAX_UTC).unwrap();
        assert_eq!(simulator.put(&path, &moved).await.0, 409);
        assert_eq!(simulator.put("/shipments/PCL-1/address", &moved).await.0, 404);
    }
}

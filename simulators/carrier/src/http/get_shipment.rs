//! `GET /shipments/{id}`

use super::{Shipment, error::Error};
use crate::state::AppState;
use axum::{Json, extract::State};
use rest::extract::Path;

/// Returns a parcel with its events.
#[utoipa::path(
    get,
    path = "/shipments/{id}",
    tag = "shipments",
    security(("api_key" = [])),
    params(("id" = String, Path, description = "The number of the parcel")),
    responses(
        (status = 200, body = Shipment),
        (status = 404, body = super::error::ErrorBody, description = "No such parcel"),
    ),
)]
pub(super) async fn get_shipment(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<Shipment>, Error> {
    state.ledger.find(&id).map(|parcel| Json(parcel.into())).ok_or_else(Error::unknown_parcel)
}

//! `GET /simulator/shipments`: all parcels.

use crate::{http::Shipment, state::AppState};
use axum::{Json, extract::State};

/// Returns all parcels, in any order.
#[utoipa::path(
    get,
    path = "/simulator/shipments",
    tag = "simulator",
    responses((status = 200, description = "The parcels", body = Vec<Shipment>)),
)]
pub(super) async fn list_shipments(State(state): State<AppState>) -> Json<Vec<Shipment>> {
    Json(state.ledger.all().into_iter().map(Shipment::from).collect())
}

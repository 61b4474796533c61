//! `POST /reservations/{order_id}/release`

use super::{AppState, error::Error};
use crate::{db, domain::reservation};
use axum::{Json, extract::State};
use common::{
    auth::{caller::Caller, claims::RESERVATIONS_WRITE},
    contract::{catalog::Reservation, ids::OrderId},
    http::{extract::Path, problem::Problem},
    trace,
};

/// Release a reservation
///
/// Its pieces can be sold to others; where they had left the warehouse, they are put back. An order
/// that has not reserved yet cannot do so afterwards: a cancellation may overtake the reservation.
/// Repeating it changes nothing.
#[utoipa::path(
    post,
    path = "/reservations/{order_id}/release",
    tag = "reservations",
    security(("bearer" = ["reservations:write"])),
    params(("order_id" = OrderId, Path, description = "The order")),
    responses(
        (status = 200, body = Reservation, description = "Released, now or before"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not a service with this scope"),
    )
)]
pub(super) async fn release_reservation(
    State(state): State<AppState>,
    caller: Caller,
    Path(order_id): Path<OrderId>,
) -> Result<Json<Reservation>, Error> {
    trace::record_order(order_id);
    caller.require_scope(RESERVATIONS_WRITE)?;

    let mut transaction = state.pool.begin().await?;
    let mut reservation = db::reservations::lock_or_forestall(&mut transaction, order_id).await?;
    if let Some(step) = reservation::release(reservation.status) {
        reservation = db::reservations::settle(&mut transaction, reservation, step).await?;
    }
    transaction.commit().await?;
    Ok(Json(reservation))
}

//! `POST /reservations`

use super::{AppState, error::Error};
use crate::{db, domain::reservation::Demand};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use common::{
    auth::{caller::Caller, claims::RESERVATIONS_WRITE},
    contract::catalog::{Reservation, ReservationRefusal, ReservationRequest},
    http::{extract::Json, problem::Problem},
    trace,
};
use sqlx::PgPool;

/// Reserve stock for an order
///
/// All of it or nothing, at the prices of this moment. Repeating it for the same order gives the
/// reservation as it stands; a refusal leaves nothing behind and may be followed by a success.
#[utoipa::path(
    post,
    path = "/reservations",
    tag = "reservations",
    security(("bearer" = ["reservations:write"])),
    request_body = ReservationRequest,
    responses(
        (status = 201, body = Reservation, description = "Held"),
        (status = 200, body = Reservation, description = "This order has reserved, or was released, before"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not a service with this scope"),
        (status = 409, body = ReservationRefusal, description = "Nothing is held, and why"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "Lines are not valid"),
    )
)]
pub(super) async fn reserve(
    State(state): State<AppState>,
    caller: Caller,
    Json(request): Json<ReservationRequest>,
) -> Result<Answer, Error> {
    trace::record_order(request.order_id);
    caller.require_scope(RESERVATIONS_WRITE)?;
    let demand = Demand::parse(request)?;
    let answer = attempt(&state.pool, &demand).await?;
    metrics::counter!("reservations_total", "outcome" => answer.outcome()).increment(1);
    Ok(answer)
}

/// What became of the request.
pub(super) enum Answer {
    Held(Reservation),
    Earlier(Reservation),
    Refused(ReservationRefusal),
}

/// One transaction. An earlier reservation is looked for last, when there is something that it would
/// explain: nearly every request is the first for its order.
async fn attempt(pool: &PgPool, demand: &Demand) -> Result<Answer, Error> {
    let mut transaction = pool.begin().await?;
    let offers = db::products::lock_offers(&mut transaction, demand.product_ids()).await?;
    match demand.met_by(&offers) {
        Ok(reservation) => {
            if db::reservations::hold(&mut transaction, &reservation).await? {
                transaction.commit().await?;
                return Ok(Answer::Held(reservation));
            }
            let earlier = db::reservations::find(&mut transaction, demand.order_id).await?;
            Ok(Answer::Earlier(earlier.ok_or(sqlx::Error::RowNotFound)?))
        }
        Err(refusal) => {
            let earlier = db::reservations::find(&mut transaction, demand.order_id).await?;
            Ok(earlier.map_or(Answer::Refused(refusal), Answer::Earlier))
        }
    }
}

impl Answer {
    fn outcome(&self) -> &'static str {
        match self {
            Self::Held(_) => "held",
            Self::Earlier(_) => "repeated",
            Self::Refused(refusal) => refusal.reason.as_str(),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Held(reservation) => (StatusCode::CREATED, axum::Json(reservation)).into_response(),
            Self::Earlier(reservation) => axum::Json(reservation).into_response(),
            Self::Refused(refusal) => (StatusCode::CONFLICT, axum::Json(refusal)).into_response(),
        }
    }
}

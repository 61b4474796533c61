//! `GET /parked`

use super::{AppState, error::Error};
use crate::listing::{ListQuery, Listing, MOST, ParkedPage};
use axum::{Json, extract::State};
use rest::{auth::caller::Caller, extract::Query, problem::Problem};

/// List the parked messages
///
/// Each request takes the messages out of their queue and puts them back. RabbitMQ counts this as a delivery
/// of each message, and a message allows a million deliveries. So programs must not poll this route.
/// `GET /queues` has the number of parked messages and does not affect them.
#[utoipa::path(
    get,
    path = "/parked",
    tag = "parked",
    security(("bearer" = [])),
    params(ListQuery),
    responses(
        (status = 200, body = ParkedPage),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "A parameter cannot be read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No valid token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "A parameter is invalid"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "RabbitMQ does not answer, or another request reads the parked messages"),
    )
)]
pub(super) async fn list_parked(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<ParkedPage>, Error> {
    caller.staff()?;
    let listing = Listing::parse(&query)?;
    Ok(Json(listing.page(state.parking.list(MOST).await?)))
}

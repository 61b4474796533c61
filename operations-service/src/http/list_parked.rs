//! `GET /parked`

use super::{AppState, error::Error};
use crate::listing::{ListQuery, Listing, MOST, ParkedPage};
use axum::{Json, extract::State};
use rest::{auth::caller::Caller, extract::Query, problem::Problem};

/// List what is parked
///
/// Each request takes the messages out of their queue for a moment and puts them back, which RabbitMQ
/// counts as a delivery of each. A message bears a million of them, so look as often as people do, not
/// programs: `GET /queues` tells how many there are, and disturbs nothing.
#[utoipa::path(
    get,
    path = "/parked",
    tag = "parked",
    security(("bearer" = [])),
    params(ListQuery),
    responses(
        (status = 200, body = ParkedPage),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "A parameter cannot be read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "A parameter is not valid"),
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

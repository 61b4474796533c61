//! `GET /queues`

use super::error::Error;
use crate::{management::Queue, state::AppState};
use axum::{Json, extract::State};
use contract::page::Page;
use rest::{auth::caller::Caller, problem::Problem};

/// List the queues
///
/// Lists each queue with its numbers of waiting messages, unacknowledged messages and consumers. RabbitMQ
/// updates these numbers every few seconds.
#[utoipa::path(
    get,
    path = "/queues",
    tag = "queues",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "All queues, on one page", body = Page<Queue>),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No valid token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "RabbitMQ does not answer"),
    )
)]
pub(super) async fn list_queues(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Page<Queue>>, Error> {
    caller.staff()?;
    Ok(Json(Page { items: state.management.queues().await?, next_cursor: None }))
}

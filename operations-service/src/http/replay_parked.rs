//! `POST /parked/{id}/replay`

use super::{error::Error, why::Why};
use crate::{domain::selection::Action, state::AppState};
use axum::{Json, extract::State};
use contract::parked::{ParkedOutcome, ReplayedMessage};
use rest::{
    auth::caller::Caller,
    extract::{Path, Query},
    problem::Problem,
};
use uuid::Uuid;

/// Replay a parked message
///
/// Sends it back to the work queue that it came from, under the same id, with all its attempts. Its worker ignores it if
/// the work is already done. Of two requests for one message, one replays it and the other gets a 409.
#[utoipa::path(
    post,
    path = "/parked/{id}/replay",
    tag = "parked",
    security(("bearer" = [])),
    params(
        ("id" = Uuid, Path, description = "The message, as the list names it", example = "01900000-0000-7000-8000-000000000009"),
        Why,
    ),
    responses(
        (status = 200, description = "It is in its queue again", body = ReplayedMessage),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "No parked message has this id"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "Replayed or discarded before, or still parked: its origin is unknown, or its queue is gone"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "RabbitMQ or the database does not answer"),
    )
)]
pub(super) async fn replay_parked(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(why): Query<Why>,
) -> Result<Json<ReplayedMessage>, Error> {
    let by = caller.staff()?.id;
    let action = Action { user_id: by, reason: why.reason()?, filter: None };
    let results = state.replayer.replay(action, vec![id]).await?;
    let result = results.into_iter().next().ok_or(Error::Unknown(id))?;
    tracing::info!(%id, queue = ?result.queue, order_id = ?result.order_id, outcome = ?result.outcome, %by, "replayed a parked message");
    match result.outcome {
        ParkedOutcome::Replayed => {
            Ok(Json(ReplayedMessage { id, queues: result.queue.into_iter().collect() }))
        }
        _ => Err(Error::NotDone(result)),
    }
}

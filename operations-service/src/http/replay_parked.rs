//! `POST /parked/{message_id}/replay`

use super::{AppState, error::Error};
use axum::{Json, extract::State};
use messaging::parking::{Outcome, Replayed, Which};
use rest::{auth::caller::Caller, extract::Path, problem::Problem};
use serde::Serialize;
use utoipa::ToSchema;

/// A message that is at work again.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct ReplayedMessage {
    /// Its id, the same as before.
    #[schema(example = "01900000-0000-7000-8000-000000000007")]
    id: String,
    /// The work queue that it is back in; several where several messages had this id.
    #[schema(example = json!(["payment-worker"]))]
    queues: Vec<String>,
}

/// Replay a parked message
///
/// Sends it back to the work queue that it came from, under the same id, with all its tries. Its worker
/// ignores it if the work is already done. A message that is no longer parked is a 404, and nothing is
/// changed.
#[utoipa::path(
    post,
    path = "/parked/{message_id}/replay",
    tag = "parked",
    security(("bearer" = [])),
    params(("message_id" = String, Path, description = "The message, as the list names it", example = "01900000-0000-7000-8000-000000000007")),
    responses(
        (status = 200, description = "It is in its queue again", body = ReplayedMessage),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "Not parked, or no longer"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "Still parked: nothing says where it came from, or that queue is gone"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "RabbitMQ does not answer, or another request reads the parked messages"),
    )
)]
pub(super) async fn replay_parked(
    State(state): State<AppState>,
    caller: Caller,
    Path(message_id): Path<String>,
) -> Result<Json<ReplayedMessage>, Error> {
    let by = caller.staff()?.id;
    let replayed = state.parking.replay(&Which::Ids(vec![message_id.clone()])).await?;
    for Replayed { id, queue, order_id, outcome } in &replayed {
        tracing::info!(message_id = id, ?queue, ?order_id, ?outcome, %by, "replayed what was parked");
    }
    let mut queues = Vec::new();
    for Replayed { queue, outcome, .. } in replayed {
        match (queue, outcome) {
            (Some(queue), Outcome::Replayed) => queues.push(queue),
            (queue, outcome) => return Err(Error::StillParked { queue, outcome }),
        }
    }
    Ok(Json(ReplayedMessage { id: message_id, queues }))
}

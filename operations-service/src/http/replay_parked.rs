//! `POST /parked/{message_id}/replay`

use super::{AppState, error::Error};
use axum::{Json, extract::State};
use messaging::parking::{Outcome, Replayed, Which};
use rest::{auth::caller::Caller, extract::Path, problem::Problem};
use serde::Serialize;
use utoipa::ToSchema;

/// A message that is in its work queue again.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct ReplayedMessage {
    /// The id of the message, unchanged.
    #[schema(example = "01900000-0000-7000-8000-000000000007")]
    id: String,
    /// The work queues that the message is in again. There are several if several messages had this id.
    #[schema(example = json!(["payment-worker"]))]
    queues: Vec<String>,
}

/// Replay a parked message
///
/// Sends the message back to its work queue under the same id, and resets its number of tries. The worker
/// ignores the message if the work is already done. If the message is no longer parked, the answer is 404 and
/// nothing changes.
#[utoipa::path(
    post,
    path = "/parked/{message_id}/replay",
    tag = "parked",
    security(("bearer" = [])),
    params(("message_id" = String, Path, description = "The message, as the list names it", example = "01900000-0000-7000-8000-000000000007")),
    responses(
        (status = 200, description = "The message is in its queue again", body = ReplayedMessage),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No valid token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "The message is not parked"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "Still parked. The message has no known work queue, or the queue no longer exists"),
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
        tracing::info!(message_id = id, ?queue, ?order_id, ?outcome, %by, "replayed a parked message");
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

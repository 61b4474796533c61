//! `DELETE /parked/{message_id}`

use super::{AppState, error::Error};
use axum::{extract::State, http::StatusCode};
use messaging::parking::Summary;
use rest::{auth::caller::Caller, extract::Path, problem::Problem};

/// Discard a parked message
///
/// Deletes the message. If it is no longer parked, the answer is 404 and nothing changes.
#[utoipa::path(
    delete,
    path = "/parked/{message_id}",
    tag = "parked",
    security(("bearer" = [])),
    params(("message_id" = String, Path, description = "The message, as the list names it", example = "01900000-0000-7000-8000-000000000007")),
    responses(
        (status = 204, description = "The message is deleted"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No valid token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "The message is not parked"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "RabbitMQ does not answer, or another request reads the parked messages"),
    )
)]
pub(super) async fn discard_parked(
    State(state): State<AppState>,
    caller: Caller,
    Path(message_id): Path<String>,
) -> Result<StatusCode, Error> {
    let by = caller.staff()?.id;
    for Summary { id, queue, order_id, reason, .. } in state.parking.discard(&[message_id]).await? {
        tracing::info!(message_id = id, ?queue, ?order_id, reason, %by, "discarded a parked message");
    }
    Ok(StatusCode::NO_CONTENT)
}

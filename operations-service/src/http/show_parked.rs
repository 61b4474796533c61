//! `GET /parked/{message_id}`

use super::{AppState, error::Error};
use axum::{Json, extract::State};
use messaging::parking::{Parked, ParkingError, Summary};
use rest::{auth::caller::Caller, extract::Path, problem::Problem};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The largest part of a body in an answer. `orderctl parked show --json` shows the complete body.
const MAX_BODY: usize = 64 * 1024;

/// A message that is parked.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct ParkedMessage {
    #[serde(flatten)]
    summary: Summary,
    /// All headers.
    #[schema(value_type = Object)]
    headers: Map<String, Value>,
    /// The first 64 KiB of the body as text. Bytes that are not UTF-8 are replaced.
    #[schema(example = r#"{"schema":1}"#)]
    body: String,
    /// Whether the body is longer.
    body_is_cut: bool,
}

impl From<Parked> for ParkedMessage {
    fn from(parked: Parked) -> Self {
        let Parked { summary, headers, mut body } = parked;
        let end = body.floor_char_boundary(MAX_BODY);
        let body_is_cut = end < body.len();
        body.truncate(end);
        Self { summary, headers, body, body_is_cut }
    }
}

/// Show a parked message
///
/// Shows the message with its headers and body. If several messages have this id, the answer is the first
/// one. They are replayed or discarded together.
#[utoipa::path(
    get,
    path = "/parked/{message_id}",
    tag = "parked",
    security(("bearer" = [])),
    params(("message_id" = String, Path, description = "The message, as the list names it", example = "01900000-0000-7000-8000-000000000007")),
    responses(
        (status = 200, body = ParkedMessage),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No valid token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "The message is not parked"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "RabbitMQ does not answer, or another request reads the parked messages"),
    )
)]
pub(super) async fn show_parked(
    State(state): State<AppState>,
    caller: Caller,
    Path(message_id): Path<String>,
) -> Result<Json<ParkedMessage>, Error> {
    caller.staff()?;
    let found = state.parking.show(std::slice::from_ref(&message_id)).await?;
    let first = found.into_iter().next().ok_or(ParkingError::Unknown(message_id))?;
    Ok(Json(first.into()))
}

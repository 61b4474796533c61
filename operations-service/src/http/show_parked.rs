//! `GET /parked/{message_id}`

use super::{AppState, error::Error};
use axum::{Json, extract::State};
use messaging::parking::{Parked, ParkingError, Summary};
use rest::{auth::caller::Caller, extract::Path, problem::Problem};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// As much of a body as is sent; `orderctl parked show --json` has all of it.
const MOST_OF_A_BODY: usize = 64 * 1024;

/// A message that is parked.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct ParkedMessage {
    #[serde(flatten)]
    summary: Summary,
    /// All headers.
    #[schema(value_type = Object)]
    headers: Map<String, Value>,
    /// Its body as text, the first 64 KiB of it; what is no UTF-8 is replaced.
    #[schema(example = r#"{"schema":1}"#)]
    body: String,
    /// Whether there is more of it.
    body_is_cut: bool,
}

impl From<Parked> for ParkedMessage {
    fn from(parked: Parked) -> Self {
        let Parked { summary, headers, mut body } = parked;
        let end = body.floor_char_boundary(MOST_OF_A_BODY);
        let body_is_cut = end < body.len();
        body.truncate(end);
        Self { summary, headers, body, body_is_cut }
    }
}

/// Show a parked message
///
/// With its headers and body. Of several with this id, which are handled as one, it is the first.
#[utoipa::path(
    get,
    path = "/parked/{message_id}",
    tag = "parked",
    security(("bearer" = [])),
    params(("message_id" = String, Path, description = "The message, as the list names it", example = "01900000-0000-7000-8000-000000000007")),
    responses(
        (status = 200, body = ParkedMessage),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "Not parked, or no longer"),
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

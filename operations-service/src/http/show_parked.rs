//! `GET /parked/{id}`

use super::error::Error;
use crate::{db::show, state::AppState};
use axum::{Json, extract::State};
use contract::parked::ParkedMessage;
use rest::{
    auth::caller::Caller,
    extract::{Path, Query},
    problem::Problem,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ShowQuery {
    /// Whether to answer all of the body. By default, the first 64 KiB.
    #[serde(default)]
    whole_body: bool,
}

/// Show a parked message
///
/// With its headers and body, also after it was replayed or discarded.
#[utoipa::path(
    get,
    path = "/parked/{id}",
    tag = "parked",
    security(("bearer" = [])),
    params(
        ("id" = Uuid, Path, description = "The message, as the list names it", example = "01900000-0000-7000-8000-000000000009"),
        ShowQuery,
    ),
    responses(
        (status = 200, body = ParkedMessage),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "No parked message has this id"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "The database does not answer"),
    )
)]
pub(super) async fn show_parked(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<ShowQuery>,
) -> Result<Json<ParkedMessage>, Error> {
    caller.staff()?;
    let found = show::find(&state.pool, id, query.whole_body).await?;
    Ok(Json(found.ok_or(Error::Unknown(id))?))
}

//! `GET /v1/refunds/{id}`: returns a refund.

use super::error::{Error, ErrorBody};
use crate::{domain::refund::Refund, state::AppState};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};

/// Returns a refund.
#[utoipa::path(
    get,
    path = "/v1/refunds/{id}",
    tag = "refunds",
    params(("id" = String, Path, example = "re_019a0000000070008000000000000001")),
    responses(
        (status = 200, description = "The refund", body = Refund),
        (status = 404, description = "There is no such refund", body = ErrorBody),
    ),
    security(("api_key" = [])),
)]
pub(super) async fn get_refund(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<Refund>, Error> {
    let refund = state.ledger.read(|book| book.refund(&id).cloned()).await?;
    refund.map(Json).ok_or_else(|| Error::no_such("refund", "id", &id).with_status(StatusCode::NOT_FOUND))
}

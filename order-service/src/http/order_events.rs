//! `GET /orders/{id}/events`

use super::error::Error;
use crate::db;
use crate::state::AppState;
use axum::{Json, extract::State};
use contract::{ids::OrderId, orders::OrderHistoryEntry, page::Page};
use rest::{auth::caller::Caller, extract::Path, problem::Problem};

/// Returns the history of an order, oldest event first.
#[utoipa::path(
    get, path = "/orders/{id}/events", tag = "orders",
    params(("id" = OrderId, Path, description = "The order")),
    responses(
        (status = 200, description = "The history, on one page", body = Page<OrderHistoryEntry>),
        (status = 404, description = "No such order, or it belongs to another user", body = Problem),
    )
)]
pub(super) async fn order_events(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<OrderId>,
) -> Result<Json<Page<OrderHistoryEntry>>, Error> {
    state.orders.find(id, Some(caller.person()?)).await?;
    let items = db::events::after(&state.orders.db, id, 0)
        .await?
        .into_iter()
        .map(|event| OrderHistoryEntry {
            id: event.id,
            name: event.change.name().to_string(),
            version: event.version,
            status: event.status,
            reason: event.change.reason().map(str::to_owned),
            detail: event.change.detail().map(str::to_owned),
            at: event.at,
        })
        .collect();
    Ok(Json(Page { items, next_cursor: None }))
}

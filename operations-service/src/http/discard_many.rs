//! `POST /parked/discard`

use super::error::Error;
use crate::{
    db::{discards, selected},
    domain::selection::{Action, Selection},
    state::AppState,
};
use axum::extract::State;
use contract::parked::{ParkedResults, ParkedSelection};
use rest::{auth::caller::Caller, extract::Json, problem::Problem};

/// Discard many parked messages
///
/// Chosen by ids or by a filter, up to 100 with each request. Each message has its own outcome. `dry_run` answers what would
/// happen.
#[utoipa::path(
    post,
    path = "/parked/discard",
    tag = "parked",
    security(("bearer" = [])),
    request_body = ParkedSelection,
    responses(
        (status = 200, description = "The outcome of each message", body = ParkedResults),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "A field is not valid"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "The database does not answer"),
    )
)]
pub(super) async fn discard_many(
    State(state): State<AppState>,
    caller: Caller,
    Json(request): Json<ParkedSelection>,
) -> Result<axum::Json<ParkedResults>, Error> {
    let by = caller.staff()?.id;
    let Selection { messages, dry_run, reason } = Selection::parse(request)?;
    let filter = messages.filter();
    let selected::Chosen { ids, next_cursor } = selected::choose(&state.pool, messages).await?;
    let items = if dry_run {
        discards::preview(&state.pool, &ids).await?
    } else {
        let items = discards::discard(&state.pool, &Action { user_id: by, reason, filter }, &ids).await?;
        let discarded = items.iter().filter(|item| item.outcome.is_success()).count();
        tracing::info!(count = ids.len(), discarded, %by, "discarded parked messages");
        items
    };
    Ok(axum::Json(ParkedResults { dry_run, items, next_cursor }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use crate::db::testing::{arrival, parks};
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn a_filter_discards_what_matches(pool: PgPool) {
        let id = parks(&pool, &arrival("m-1", "payment-worker")).await;
        parks(&pool, &arrival("m-2", "order-processor")).await;
        let service = Service::new(pool);
        let body = json!({ "filter": { "queue": "payment-worker" }, "reason": "a test" });
        let answer = service.post("/parked/discard", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.body["items"].as_array().unwrap().len(), 1);
        assert_eq!(answer.body["items"][0]["id"], json!(id));
        assert_eq!(service.get("/parked").await.body["total"], 1);
        let entry = service.get("/parked/audit").await.body["items"][0].clone();
        assert_eq!((&entry["filter"], &entry["ids"]), (&json!({ "queue": "payment-worker" }), &json!([id])));
        assert_eq!(entry["user_id"], json!(service.staff_id()));
    }
}

//! `POST /parked/replay`

use super::error::Error;
use crate::{
    db::{replays, selected},
    domain::selection::{Action, Selection},
    state::AppState,
};
use axum::extract::State;
use contract::parked::{ParkedResults, ParkedSelection};
use rest::{auth::caller::Caller, extract::Json, problem::Problem};

/// Replay many parked messages
///
/// Chosen by ids or by a filter, up to 100 with each request. Each message has its own outcome. `dry_run` answers what would
/// happen; it does not ask RabbitMQ whether each queue exists.
#[utoipa::path(
    post,
    path = "/parked/replay",
    tag = "parked",
    security(("bearer" = [])),
    request_body = ParkedSelection,
    responses(
        (status = 200, description = "The outcome of each message", body = ParkedResults),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "A field is not valid"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "RabbitMQ or the database does not answer"),
    )
)]
pub(super) async fn replay_many(
    State(state): State<AppState>,
    caller: Caller,
    Json(request): Json<ParkedSelection>,
) -> Result<axum::Json<ParkedResults>, Error> {
    let by = caller.staff()?.id;
    let Selection { messages, dry_run, reason } = Selection::parse(request)?;
    let filter = messages.filter();
    let selected::Chosen { ids, next_cursor } = selected::choose(&state.pool, messages).await?;
    let items = if dry_run {
        replays::preview(&state.pool, &ids).await?
    } else {
        let count = ids.len();
        let items = state.replayer.replay(Action { user_id: by, reason, filter }, ids).await?;
        let replayed = items.iter().filter(|item| item.outcome.is_success()).count();
        tracing::info!(count, replayed, %by, "replayed parked messages");
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
    async fn a_dry_run_changes_nothing_and_is_not_in_the_audit(pool: PgPool) {
        let id = parks(&pool, &arrival("m-1", "payment-worker")).await;
        let service = Service::new(pool);
        let answer = service.post("/parked/replay", &json!({ "filter": {}, "dry_run": true })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!((&answer.body["dry_run"], &answer.body["next_cursor"]), (&json!(true), &json!(null)));
        assert_eq!(answer.body["items"][0]["id"], json!(id));
        assert_eq!(answer.body["items"][0]["outcome"], "replayed");
        assert_eq!(service.get(&format!("/parked/{id}")).await.body["state"], "parked");
        assert_eq!(service.get("/parked/audit").await.body["items"], json!([]));
    }

    #[sqlx::test]
    async fn without_the_broker_messages_stay_parked_and_free(pool: PgPool) {
        let id = parks(&pool, &arrival("m-1", "payment-worker")).await;
        let service = Service::new(pool);
        for _ in 0..2 {
            let answer = service.post("/parked/replay", &json!({ "ids": [id] })).await;
            assert_eq!(answer.status, 503, "{}", answer.body);
        }
        let audit = service.get("/parked/audit").await.body;
        assert_eq!(audit["items"][0]["outcomes"], json!({ "refused": 1 }));
    }

    #[sqlx::test]
    async fn a_request_must_choose_messages(pool: PgPool) {
        let answer = Service::new(pool).post("/parked/replay", &json!({ "reason": "why" })).await;
        assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["pointer"]), (422, &json!("/ids")));
    }
}

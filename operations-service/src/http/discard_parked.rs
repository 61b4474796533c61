//! `DELETE /parked/{id}`

use super::{error::Error, why::Why};
use crate::{db::discards::discard, domain::selection::Action, state::AppState};
use axum::{extract::State, http::StatusCode};
use contract::parked::ParkedOutcome;
use rest::{
    auth::caller::Caller,
    extract::{Path, Query},
    problem::Problem,
};
use uuid::Uuid;

/// Discard a parked message
///
/// It cannot be replayed after that. The list still shows it with `state=discarded`.
#[utoipa::path(
    delete,
    path = "/parked/{id}",
    tag = "parked",
    security(("bearer" = [])),
    params(
        ("id" = Uuid, Path, description = "The message, as the list names it", example = "01900000-0000-7000-8000-000000000009"),
        Why,
    ),
    responses(
        (status = 204, description = "It is discarded"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "No parked message has this id"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "Replayed or discarded before"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "The database does not answer"),
    )
)]
pub(super) async fn discard_parked(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(why): Query<Why>,
) -> Result<StatusCode, Error> {
    let by = caller.staff()?.id;
    let action = Action { user_id: by, reason: why.reason()?, filter: None };
    let result = discard(&state.pool, &action, &[id]).await?.into_iter().next().ok_or(Error::Unknown(id))?;
    if result.outcome != ParkedOutcome::Discarded {
        return Err(Error::NotDone(result));
    }
    tracing::info!(%id, queue = ?result.queue, order_id = ?result.order_id, %by, "discarded a parked message");
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use crate::db::testing::{arrival, parks};
    use serde_json::json;
    use sqlx::PgPool;
    use uuid::Uuid;

    #[sqlx::test]
    async fn a_message_is_discarded_once_with_a_reason(pool: PgPool) {
        let id = parks(&pool, &arrival("m-1", "payment-worker")).await;
        let service = Service::new(pool);
        assert_eq!(service.delete(&format!("/parked/{id}?reason=a+test")).await.status, 204);
        let again = service.delete(&format!("/parked/{id}")).await;
        assert_eq!((again.status.as_u16(), &again.body["type"]), (409, &json!("/problems/not-parked")));
        assert_eq!(service.get(&format!("/parked/{id}")).await.body["state"], "discarded");
        let audit = service.get("/parked/audit").await.body;
        assert_eq!(audit["items"][0]["reason"], "a test");
        assert_eq!(audit["items"][0]["outcomes"], json!({ "discarded": 1 }));
    }

    #[sqlx::test]
    async fn an_unknown_or_malformed_id_is_named(pool: PgPool) {
        let service = Service::new(pool);
        let id = Uuid::now_v7();
        let unknown = service.delete(&format!("/parked/{id}")).await;
        assert_eq!(unknown.status, 404);
        assert!(unknown.body["detail"].as_str().unwrap().contains(&id.to_string()));
        assert_eq!(service.delete("/parked/m-1").await.status, 400);
    }
}

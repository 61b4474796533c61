//! `GET /parked`

use super::error::Error;
use crate::{db::list, domain::selection::Listing, state::AppState};
use axum::{Json, extract::State};
use contract::parked::{ParkedPage, ParkedQuery};
use rest::{auth::caller::Caller, extract::Query, problem::Problem};

/// List parked messages
///
/// Messages that came first are first. By default the list has the messages that wait for staff. `state` selects those that
/// were replayed or discarded.
#[utoipa::path(
    get,
    path = "/parked",
    tag = "parked",
    security(("bearer" = [])),
    params(ParkedQuery),
    responses(
        (status = 200, body = ParkedPage),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "A parameter cannot be read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "A parameter is not valid"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "The database does not answer"),
    )
)]
pub(super) async fn list_parked(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ParkedQuery>,
) -> Result<Json<ParkedPage>, Error> {
    caller.staff()?;
    Ok(Json(list::page(&state.pool, &Listing::parse(query)?).await?))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use crate::db::testing::{arrival, parks};
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn staff_list_parked_messages_by_queue(pool: PgPool) {
        let id = parks(&pool, &arrival("m-1", "payment-worker")).await;
        let service = Service::new(pool);
        let page = service.get("/parked?queue=payment-worker").await;
        assert_eq!((page.status, &page.body["total"]), (200.try_into().unwrap(), &json!(1)));
        assert_eq!(page.body["items"][0]["id"], json!(id));
        assert_eq!(service.get("/parked?queue=order-processor").await.body["items"], json!([]));
    }

    #[sqlx::test]
    async fn a_bad_parameter_is_named(pool: PgPool) {
        let service = Service::new(pool);
        for (query, pointer) in [
            ("limit=0", "limit"),
            ("cursor=x", "cursor"),
            ("state=lost", "state"),
            ("order_id=7", "order_id"),
        ] {
            let answer = service.get(&format!("/parked?{query}")).await;
            assert_eq!(answer.status, 422, "{query}");
            assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{}", answer.body);
        }
    }
}

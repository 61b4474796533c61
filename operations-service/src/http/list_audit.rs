//! `GET /parked/audit`

use super::error::Error;
use crate::{
    db::audit,
    domain::selection::{checked_limit, cursor_id},
    state::AppState,
};
use axum::{Json, extract::State};
use contract::{page::Page, parked::ParkedAuditEntry, problems::FieldError};
use rest::{auth::caller::Caller, extract::Query, problem::Problem};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditQuery {
    /// The number of entries on a page, 1 to 100. The default is 20.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100, example = 20)]
    limit: Option<u32>,
    /// `next_cursor` of the previous page.
    cursor: Option<String>,
}

impl AuditQuery {
    fn parse(self) -> Result<(usize, Uuid), Vec<FieldError>> {
        let mut errors = Vec::new();
        let limit = checked_limit(self.limit, "entries", &mut errors);
        let before = self.cursor.and_then(|cursor| cursor_id(&cursor, "cursor", &mut errors));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if errors.is_empty() { Ok((limit, before.unwrap_or(Uuid::max()))) } else { Err(errors) }
    }
}

/// List the audit of parked messages
///
/// Each replay and discard with its user, time and reason, latest first. Dry runs, and requests that found nothing to change, are
/// not listed.
#[utoipa::path(
    get,
    path = "/parked/audit",
    tag = "parked",
    security(("bearer" = [])),
    params(AuditQuery),
    responses(
        (status = 200, body = Page<ParkedAuditEntry>),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "A parameter cannot be read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "A parameter is not valid"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "The database does not answer"),
    )
)]
pub(super) async fn list_audit(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<ParkedAuditEntry>>, Error> {
    caller.staff()?;
    let (limit, before) = query.parse()?;
    // One extra row shows whether there is a next page.
    let mut items = audit::page(&state.pool, before, i64::try_from(limit + 1).unwrap_or(i64::MAX)).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Json(Page { items, next_cursor }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use crate::db::testing::{arrival, parks};
    use sqlx::PgPool;

    #[sqlx::test]
    async fn pages_list_the_latest_action_first(pool: PgPool) {
        let ids = [
            parks(&pool, &arrival("m-1", "payment-worker")).await,
            parks(&pool, &arrival("m-2", "payment-worker")).await,
        ];
        let service = Service::new(pool);
        for id in ids {
            assert_eq!(service.delete(&format!("/parked/{id}")).await.status, 204);
        }
        let first = service.get("/parked/audit?limit=1").await.body;
        assert_eq!(first["items"][0]["ids"][0], ids[1].to_string());
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = service.get(&format!("/parked/audit?limit=1&cursor={cursor}")).await.body;
        assert_eq!(second["items"][0]["ids"][0], ids[0].to_string());
        assert!(second["next_cursor"].is_null());
        assert_eq!(service.get("/parked/audit?limit=101").await.status, 422);
    }
}

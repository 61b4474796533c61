//! The audit: what staff did with parked messages.

use super::named;
use crate::domain::selection::Action;
use contract::parked::{ParkedAction, ParkedAuditEntry, ParkedFilter, ParkedResult};
use sqlx::{PgConnection, PgPool, types::Json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Records that an action begins, and returns the id of its entry.
pub(super) async fn begin(
    db: &mut PgConnection,
    kind: ParkedAction,
    action: &Action,
    ids: &[Uuid],
) -> sqlx::Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "INSERT INTO parked_audit (id, user_id, action, reason, filter, ids) VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        action.user_id.uuid(),
        kind.as_str(),
        action.reason,
        action.filter.as_ref().map(Json) as _,
        ids,
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// Records the outcomes of an action.
pub(super) async fn end(db: &mut PgConnection, id: Uuid, results: &[ParkedResult]) -> sqlx::Result<()> {
    let mut outcomes: BTreeMap<&str, u64> = BTreeMap::new();
    for result in results {
        *outcomes.entry(result.outcome.as_str()).or_default() += 1;
    }
    sqlx::query!("UPDATE parked_audit SET outcomes = $2 WHERE id = $1", id, Json(outcomes) as _)
        .execute(db)
        .await?;
    Ok(())
}

/// A page of the audit, latest first. It begins before the entry `before`.
pub(crate) async fn page(pool: &PgPool, before: Uuid, limit: i64) -> sqlx::Result<Vec<ParkedAuditEntry>> {
    let rows = sqlx::query!(
        r#"SELECT id, at, user_id, action, reason, filter AS "filter: Json<ParkedFilter>", ids,
               outcomes AS "outcomes: Json<BTreeMap<String, u64>>"
           FROM parked_audit WHERE id < $1 ORDER BY id DESC LIMIT $2"#,
        before,
        limit,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ParkedAuditEntry {
                id: row.id,
                at: row.at,
                user_id: row.user_id.into(),
                action: named(row.action)?,
                reason: row.reason,
                filter: row.filter.map(|Json(filter)| filter),
                ids: row.ids,
                outcomes: row.outcomes.map(|Json(outcomes)| outcomes),
            })
        })
        .collect()
}

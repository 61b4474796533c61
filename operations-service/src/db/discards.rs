//! Discards parked messages.

use super::{
    audit,
    selected::{Row, lock, results},
};
use crate::domain::selection::Action;
use contract::parked::{ParkedAction, ParkedOutcome, ParkedResult};
use sqlx::PgPool;
use uuid::Uuid;

/// Discards messages and writes an entry of the audit, in one transaction.
pub(crate) async fn discard(pool: &PgPool, action: &Action, ids: &[Uuid]) -> sqlx::Result<Vec<ParkedResult>> {
    let mut db = pool.begin().await?;
    let rows = lock(&mut db, ids).await?;
    let results = results(ids, &rows, |_| ParkedOutcome::Discarded);
    let discarded: Vec<_> = rows.iter().filter(|row| row.refusal().is_none()).map(|row| row.id).collect();
    if discarded.is_empty() {
        return Ok(results);
    }
    let audit_id = audit::begin(&mut db, ParkedAction::Discard, action, ids).await?;
    sqlx::query!(
        "UPDATE parked_messages SET state = 'discarded', settled_at = now(), audit_id = $2 WHERE id = ANY($1)",
        &discarded,
        audit_id,
    )
    .execute(&mut *db)
    .await?;
    audit::end(&mut db, audit_id, &results).await?;
    db.commit().await?;
    Ok(results)
}

/// Returns the results of [`discard`] without discarding.
pub(crate) async fn preview(pool: &PgPool, ids: &[Uuid]) -> sqlx::Result<Vec<ParkedResult>> {
    let mut db = pool.begin().await?;
    let rows: Vec<Row> = lock(&mut db, ids).await?;
    db.rollback().await?;
    Ok(results(ids, &rows, |_| ParkedOutcome::Discarded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::{arrival, parks};
    use contract::ids::UserId;

    fn outcomes(results: &[ParkedResult]) -> Vec<ParkedOutcome> {
        results.iter().map(|result| result.outcome).collect()
    }

    #[sqlx::test]
    async fn a_message_is_discarded_once_and_the_audit_names_the_user(pool: PgPool) {
        let id = parks(&pool, &arrival("m-1", "payment-worker")).await;
        let unknown = Uuid::now_v7();
        let action = Action { reason: Some("a test".into()), ..Action::of(UserId::new()) };
        let preview = preview(&pool, &[id]).await.unwrap();
        assert_eq!(outcomes(&preview), [ParkedOutcome::Discarded]);

        let first = discard(&pool, &action, &[unknown, id]).await.unwrap();
        assert_eq!(outcomes(&first), [ParkedOutcome::NotFound, ParkedOutcome::Discarded]);
        let second = discard(&pool, &action, &[id]).await.unwrap();
        assert_eq!(outcomes(&second), [ParkedOutcome::NotParked]);

        let audit = audit::page(&pool, Uuid::max(), 10).await.unwrap();
        assert_eq!(audit.len(), 1, "a request that changes nothing is not in the audit");
        assert_eq!((audit[0].user_id, audit[0].action), (action.user_id, ParkedAction::Discard));
        assert_eq!((&audit[0].reason, &audit[0].ids), (&action.reason, &vec![unknown, id]));
        let outcomes = audit[0].outcomes.clone().unwrap();
        assert_eq!((outcomes["discarded"], outcomes["not_found"]), (1, 1));
    }
}

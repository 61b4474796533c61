//! Replays in the database. A replay claims its messages first and then publishes them. Other requests do not
//! publish a claimed message. A claim has a time limit, so it ends if the process dies.

use super::{
    audit,
    selected::{Row, lock, results},
};
use crate::domain::{arrival::Properties, selection::Action};
use contract::parked::{ParkedAction, ParkedOutcome, ParkedResult};
use serde_json::{Map, Value};
use sqlx::{PgPool, types::Json};
use uuid::Uuid;

/// A replay that has begun.
pub(crate) struct Claim {
    pub audit_id: Uuid,
    /// The messages to publish, in the order of their ids.
    pub claimed: Vec<Claimed>,
    /// The result for each id of the request. It is `replayed` for the claimed messages.
    pub results: Vec<ParkedResult>,
}

/// A message that this replay alone may publish.
pub(crate) struct Claimed {
    pub id: Uuid,
    pub message_id: Option<String>,
    pub bytes: usize,
}

/// A stored message, complete for its replay.
pub(crate) struct Stored {
    pub id: Uuid,
    pub queue: String,
    pub properties: Properties,
    pub headers: Map<String, Value>,
    pub body: Vec<u8>,
}

fn outcome(row: &Row) -> ParkedOutcome {
    if row.queue.is_some() { ParkedOutcome::Replayed } else { ParkedOutcome::UnknownOrigin }
}

/// Claims messages, with an entry in the audit, in one transaction.
pub(crate) async fn claim(pool: &PgPool, action: &Action, ids: &[Uuid]) -> sqlx::Result<Claim> {
    let mut db = pool.begin().await?;
    let rows = lock(&mut db, ids).await?;
    let results = results(ids, &rows, outcome);
    let free = rows.into_iter().filter(|row| row.refusal().is_none() && row.queue.is_some());
    let claimed: Vec<_> = free
        .map(|Row { id, message_id, bytes, .. }| Claimed {
            id,
            message_id,
            bytes: bytes.try_into().unwrap_or_default(),
        })
        .collect();
    if claimed.is_empty() {
        return Ok(Claim { audit_id: Uuid::nil(), claimed, results });
    }
    let audit_id = audit::begin(&mut db, ParkedAction::Replay, action, ids).await?;
    let claimed_ids: Vec<_> = claimed.iter().map(|message| message.id).collect();
    sqlx::query!(
        "UPDATE parked_messages SET audit_id = $2, claimed_until = now() + interval '1 minute' WHERE id = ANY($1)",
        &claimed_ids,
        audit_id,
    )
    .execute(&mut *db)
    .await?;
    db.commit().await?;
    Ok(Claim { audit_id, claimed, results })
}

/// Returns the results of [`claim`] without claiming.
pub(crate) async fn preview(pool: &PgPool, ids: &[Uuid]) -> sqlx::Result<Vec<ParkedResult>> {
    let mut db = pool.begin().await?;
    let rows = lock(&mut db, ids).await?;
    db.rollback().await?;
    Ok(results(ids, &rows, outcome))
}

/// Reads claimed messages, and extends the claim. A message whose claim has ended is left out.
pub(crate) async fn read(pool: &PgPool, audit_id: Uuid, ids: &[Uuid]) -> sqlx::Result<Vec<Stored>> {
    let rows = sqlx::query!(
        r#"UPDATE parked_messages SET claimed_until = now() + interval '1 minute'
           WHERE id = ANY($1) AND audit_id = $2 AND state = 'parked'
           RETURNING id, queue AS "queue!", properties AS "properties: Json<Properties>",
               headers AS "headers: Json<Map<String, Value>>", body"#,
        ids,
        audit_id,
    )
    .fetch_all(pool)
    .await?;
    let stored = rows.into_iter().map(|row| Stored {
        id: row.id,
        queue: row.queue,
        properties: row.properties.0,
        headers: row.headers.0,
        body: row.body,
    });
    Ok(stored.collect())
}

/// Marks messages as replayed.
pub(crate) async fn mark(pool: &PgPool, audit_id: Uuid, ids: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE parked_messages SET state = 'replayed', settled_at = now(), claimed_until = NULL
         WHERE id = ANY($1) AND audit_id = $2 AND state = 'parked'",
        ids,
        audit_id,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Ends a replay. Releases the messages that are still parked, and adds the outcomes to the audit.
pub(crate) async fn end(pool: &PgPool, audit_id: Uuid, results: &[ParkedResult]) -> sqlx::Result<()> {
    let mut db = pool.begin().await?;
    sqlx::query!(
        "UPDATE parked_messages SET claimed_until = NULL WHERE audit_id = $1 AND state = 'parked' AND id = ANY($2)",
        audit_id,
        &results.iter().map(|result| result.id).collect::<Vec<_>>(),
    )
    .execute(&mut *db)
    .await?;
    audit::end(&mut db, audit_id, results).await?;
    db.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::{arrival, parks};
    use contract::ids::UserId;

    async fn claim_one(pool: &PgPool, id: Uuid) -> (Claim, ParkedOutcome) {
        let claim = claim(pool, &Action::of(UserId::new()), &[id]).await.unwrap();
        let outcome = claim.results[0].outcome;
        (claim, outcome)
    }

    #[sqlx::test]
    async fn of_two_concurrent_replays_one_claims_the_message(pool: PgPool) {
        let id = parks(&pool, &arrival("m-1", "payment-worker")).await;
        let (one, other) = tokio::join!(claim_one(&pool, id), claim_one(&pool, id));
        let (winner, loser) = if one.1 == ParkedOutcome::Replayed { (one, other) } else { (other, one) };
        assert_eq!((winner.1, loser.1), (ParkedOutcome::Replayed, ParkedOutcome::InUse));
        assert_eq!((winner.0.claimed.len(), loser.0.claimed.len()), (1, 0));

        mark(&pool, winner.0.audit_id, &[id]).await.unwrap();
        end(&pool, winner.0.audit_id, &winner.0.results).await.unwrap();
        assert_eq!(claim_one(&pool, id).await.1, ParkedOutcome::NotParked);
        let audit = audit::page(&pool, Uuid::max(), 10).await.unwrap();
        assert_eq!(audit.len(), 1);
        assert_eq!(audit[0].outcomes.as_ref().unwrap()["replayed"], 1);
    }

    #[sqlx::test]
    async fn a_message_is_free_again_when_its_replay_fails_or_its_process_dies(pool: PgPool) {
        let id = parks(&pool, &arrival("m-1", "payment-worker")).await;
        let (failed, _) = claim_one(&pool, id).await;
        end(&pool, failed.audit_id, &failed.results).await.unwrap();
        let (dead, outcome) = claim_one(&pool, id).await;
        assert_eq!(outcome, ParkedOutcome::Replayed);

        sqlx::query!("UPDATE parked_messages SET claimed_until = now() - interval '1 second'")
            .execute(&pool)
            .await
            .unwrap();
        let (next, outcome) = claim_one(&pool, id).await;
        assert_eq!(outcome, ParkedOutcome::Replayed);
        assert!(read(&pool, dead.audit_id, &[id]).await.unwrap().is_empty(), "its claim has ended");
        mark(&pool, dead.audit_id, &[id]).await.unwrap();
        let message = read(&pool, next.audit_id, &[id]).await.unwrap().remove(0);
        assert_eq!((message.queue.as_str(), message.body), ("payment-worker", b"{}".to_vec()));
    }

    #[sqlx::test]
    async fn a_message_without_an_origin_is_not_claimed(pool: PgPool) {
        let mut message = arrival("m-1", "payment-worker");
        message.queue = None;
        let id = parks(&pool, &message).await;
        let (claim, outcome) = claim_one(&pool, id).await;
        assert_eq!((claim.claimed.len(), outcome), (0, ParkedOutcome::UnknownOrigin));
        assert_eq!(preview(&pool, &[id]).await.unwrap()[0].outcome, ParkedOutcome::UnknownOrigin);
    }
}

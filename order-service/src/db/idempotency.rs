//! The table `idempotency_keys`.

use crate::domain::idempotency::IdempotencyKey;
use common::contract::{ids::UserId, orders::Order};
use sqlx::{PgExecutor, PgTransaction, types::Json};

/// What a key was used for.
pub(crate) struct Answered {
    pub(crate) request_hash: Vec<u8>,
    pub(crate) answer: Order,
}

/// Takes a key, with the answer that its request will get when the transaction commits.
///
/// `None`: the key is ours. `Some`: it was used within the last 24 hours. Another transaction that
/// takes the same key waits here until this one has committed or not.
pub(crate) async fn take(
    transaction: &mut PgTransaction<'_>,
    user_id: UserId,
    key: &IdempotencyKey,
    request_hash: &[u8],
    answer: &Order,
) -> Result<Option<Answered>, sqlx::Error> {
    let taken = sqlx::query!(
        "insert into idempotency_keys (user_id, key, request_hash, answer) values ($1, $2, $3, $4) \
         on conflict (user_id, key) do update \
             set request_hash = excluded.request_hash, answer = excluded.answer, created_at = now() \
             where idempotency_keys.created_at < now() - interval '24 hours'",
        user_id.uuid(),
        key.as_str(),
        request_hash,
        Json(answer) as _,
    )
    .execute(&mut **transaction)
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(None);
    }
    let used = sqlx::query!(
        r#"select request_hash, answer as "answer: Json<Order>" from idempotency_keys
           where user_id = $1 and key = $2"#,
        user_id.uuid(),
        key.as_str(),
    )
    .fetch_one(&mut **transaction)
    .await?;
    Ok(Some(Answered { request_hash: used.request_hash, answer: used.answer.0 }))
}

/// Removes keys that no request can meet any more. Returns how many.
pub(crate) async fn prune(db: impl PgExecutor<'_>) -> Result<u64, sqlx::Error> {
    let pruned = sqlx::query!("delete from idempotency_keys where created_at < now() - interval '24 hours'")
        .execute(db)
        .await?;
    Ok(pruned.rows_affected())
}

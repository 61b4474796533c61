//! The table `idempotency_keys`.

use contract::{ids::UserId, orders::Order};
use sqlx::{PgPool, types::Json};
use storage::prune::in_batches;

/// The request and the answer of a used key.
pub(crate) struct Answered {
    pub(crate) request_hash: Vec<u8>,
    pub(crate) answer: Order,
}

/// Finds the request and the answer of a key, if the key was used.
pub(crate) async fn find(db: &PgPool, user_id: UserId, key: &str) -> Result<Option<Answered>, sqlx::Error> {
    let used = sqlx::query!(
        r#"select request_hash, answer as "answer: Json<Order>" from idempotency_keys
           where user_id = $1 and key = $2"#,
        user_id.uuid(),
        key,
    )
    .fetch_optional(db)
    .await?;
    Ok(used.map(|used| Answered { request_hash: used.request_hash, answer: used.answer.0 }))
}

/// Removes keys older than 24 hours. Returns their number.
pub(crate) async fn prune(db: &PgPool) -> Result<u64, sqlx::Error> {
    in_batches(|limit| async move {
        let pruned = sqlx::query!(
            "delete from idempotency_keys where ctid = any(array(
                 select ctid from idempotency_keys where created_at < now() - interval '24 hours'
                 order by created_at limit $1 for update skip locked
             ))",
            limit
        );
        pruned.execute(db).await.map(|done| done.rows_affected())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[sqlx::test(migrations = "./migrations")]
    async fn keys_are_kept_for_a_day(db: PgPool) {
        for (key, hours) in [("yesterday's", 25), ("today's", 23)] {
            let insert = sqlx::query(
                "insert into idempotency_keys (user_id, key, request_hash, answer, created_at) \
                 values (gen_random_uuid(), $1, '', '{}', now() - make_interval(hours => $2))",
            );
            insert.bind(key).bind(hours).execute(&db).await.unwrap();
        }
        assert_eq!(prune(&db).await.unwrap(), 1);
        let left: String =
            sqlx::query_scalar("select key from idempotency_keys").fetch_one(&db).await.unwrap();
        assert_eq!(left, "today's");
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::testing::request,
        domain::{idempotency::request_hash, placing},
    };
    use chrono::Utc;
    use sqlx::PgPool;

    fn key() -> IdempotencyKey {
        IdempotencyKey::parse(b"key-1").unwrap()
    }

    fn order(user_id: UserId) -> Order {
        placing::place(user_id, request(), Utc::now()).unwrap().0
    }

    /// Takes the key and commits; what it was used for before, if it was.
    async fn taken(db: &PgPool, user_id: UserId, hash: &[u8], answer: &Order) -> Option<Answered> {
        let mut transaction = db.begin().await.unwrap();
        let earlier = take(&mut transaction, user_id, &key(), hash, answer).await.unwrap();
        transaction.commit().await.unwrap();
        earlier
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_key_gives_its_first_answer_again(db: PgPool) {
        let ada = UserId::new();
        let hash = request_hash(&request()).unwrap();
        let first = order(ada);
        assert!(taken(&db, ada, &hash, &first).await.is_none());
        let again = taken(&db, ada, b"other", &order(ada)).await.unwrap();
        assert_eq!((again.answer, again.request_hash), (first, hash));
        assert!(taken(&db, UserId::new(), b"other", &order(ada)).await.is_none(), "keys belong to a user");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_key_that_was_rolled_back_was_not_used(db: PgPool) {
        let ada = UserId::new();
        let mut transaction = db.begin().await.unwrap();
        assert!(take(&mut transaction, ada, &key(), b"hash", &order(ada)).await.unwrap().is_none());
        transaction.rollback().await.unwrap();
        assert!(taken(&db, ada, b"hash", &order(ada)).await.is_none());
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn of_many_at_once_one_has_the_key(db: PgPool) {
        let ada = UserId::new();
        let tries = (0..8).map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                taken(&db, ada, b"hash", &order(ada)).await.map(|earlier| earlier.answer.id)
            })
        });
        let mut answers = Vec::new();
        for task in tries {
            answers.push(task.await.unwrap());
        }
        assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), 1);
        let mut told: Vec<_> = answers.into_iter().flatten().collect();
        told.dedup();
        assert_eq!(told.len(), 1, "all others are told of the same order");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_key_is_free_again_after_a_day(db: PgPool) {
        let ada = UserId::new();
        taken(&db, ada, b"hash", &order(ada)).await;
        sqlx::query("update idempotency_keys set created_at = now() - interval '25 hours'")
            .execute(&db)
            .await
            .unwrap();
        assert!(taken(&db, ada, b"other", &order(ada)).await.is_none());
        assert_eq!(prune(&db).await.unwrap(), 0, "it is a new one now");
        sqlx::query("update idempotency_keys set created_at = now() - interval '25 hours'")
            .execute(&db)
            .await
            .unwrap();
        assert_eq!(prune(&db).await.unwrap(), 1);
    }
}

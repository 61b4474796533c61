//! Stores messages that have arrived in the parking queue.

use crate::domain::arrival::Arrival;
use sqlx::{PgPool, types::Json};
use uuid::Uuid;

/// Whether a message has a new row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// Yes, with this id.
    New(Uuid),
    /// No: an earlier delivery of it was stored.
    Before,
}

/// Stores a message, unless an earlier delivery of it is parked. Ids rise with the time of arrival.
pub(crate) async fn insert(pool: &PgPool, arrival: &Arrival) -> sqlx::Result<Stored> {
    let id = Uuid::now_v7();
    let done = sqlx::query!(
        "INSERT INTO parked_messages
             (id, digest, message_id, queue, event_type, order_id, reason, attempt, properties, headers, body, at, parked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (digest) WHERE state = 'parked' DO NOTHING",
        id,
        &arrival.digest,
        arrival.properties.message_id,
        arrival.queue,
        arrival.properties.kind,
        arrival.properties.correlation_id,
        arrival.reason,
        i32::try_from(arrival.attempt).unwrap_or(i32::MAX),
        Json(&arrival.properties) as _,
        Json(&arrival.headers) as _,
        &arrival.body,
        arrival.at,
        arrival.parked_at,
    )
    .execute(pool)
    .await?;
    Ok(if done.rows_affected() == 0 { Stored::Before } else { Stored::New(id) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::{
            discards::discard,
            testing::{arrival, parks},
        },
        domain::selection::Action,
    };
    use contract::{ids::UserId, parked::ParkedOutcome};

    #[sqlx::test]
    async fn a_repeated_delivery_is_stored_once(pool: PgPool) {
        let message = arrival("m-1", "payment-worker");
        parks(&pool, &message).await;
        assert_eq!(insert(&pool, &message).await.unwrap(), Stored::Before);
        parks(&pool, &arrival("m-2", "payment-worker")).await;
    }

    #[sqlx::test]
    async fn a_message_that_is_parked_again_gets_another_row(pool: PgPool) {
        let message = arrival("m-1", "payment-worker");
        let first = parks(&pool, &message).await;
        let action = Action::of(UserId::new());
        let results = discard(&pool, &action, &[first]).await.unwrap();
        assert_eq!(results[0].outcome, ParkedOutcome::Discarded);
        assert_ne!(parks(&pool, &message).await, first);
    }
}

//! Pages of parked messages.

use super::named;
use crate::domain::selection::Listing;
use contract::parked::{ParkedFilter, ParkedPage, ParkedState, ParkedSummary};
use sqlx::PgPool;

/// A row of the list.
pub(super) struct Row {
    pub id: uuid::Uuid,
    pub message_id: Option<String>,
    pub queue: Option<String>,
    pub event_type: Option<String>,
    pub order_id: Option<String>,
    pub reason: String,
    pub attempt: i32,
    pub at: Option<chrono::DateTime<chrono::Utc>>,
    pub parked_at: Option<chrono::DateTime<chrono::Utc>>,
    pub received_at: chrono::DateTime<chrono::Utc>,
    pub bytes: i32,
    pub state: String,
}

impl TryFrom<Row> for ParkedSummary {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.id,
            message_id: row.message_id,
            queue: row.queue,
            kind: row.event_type,
            order_id: row.order_id,
            reason: row.reason,
            attempt: row.attempt.try_into().unwrap_or_default(),
            at: row.at,
            parked_at: row.parked_at,
            received_at: row.received_at,
            bytes: row.bytes.try_into().unwrap_or_default(),
            state: named(row.state)?,
        })
    }
}

/// One page, and the number of messages on all pages. Messages that came first are first.
pub(crate) async fn page(pool: &PgPool, listing: &Listing) -> sqlx::Result<ParkedPage> {
    let Listing { filter, state, limit, after } = listing;
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, message_id, queue, event_type, order_id, reason, attempt, at, parked_at, received_at,
               octet_length(body) AS "bytes!", state
           FROM parked_messages
           WHERE state = $1 AND id > $2
               AND ($3::text IS NULL OR queue = $3)
               AND ($4::text IS NULL OR event_type = $4)
               AND ($5::text IS NULL OR order_id = $5)
               AND ($6::text IS NULL OR message_id = $6)
               AND ($7::timestamptz IS NULL OR coalesce(parked_at, received_at) >= $7)
           ORDER BY id LIMIT $8"#,
        state.as_str(),
        after,
        filter.queue,
        filter.kind,
        filter.order_id.map(|id| id.to_string()),
        filter.message_id,
        filter.since,
        // One extra row shows whether there is a next page.
        i64::from(*limit) + 1,
    )
    .fetch_all(pool)
    .await?;
    let mut items = rows.into_iter().map(ParkedSummary::try_from).collect::<sqlx::Result<Vec<_>>>()?;
    let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(ParkedPage { items, next_cursor, total: count(pool, filter, *state).await? })
}

async fn count(pool: &PgPool, filter: &ParkedFilter, state: ParkedState) -> sqlx::Result<u64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM parked_messages
           WHERE state = $1
               AND ($2::text IS NULL OR queue = $2)
               AND ($3::text IS NULL OR event_type = $3)
               AND ($4::text IS NULL OR order_id = $4)
               AND ($5::text IS NULL OR message_id = $5)
               AND ($6::timestamptz IS NULL OR coalesce(parked_at, received_at) >= $6)"#,
        state.as_str(),
        filter.queue,
        filter.kind,
        filter.order_id.map(|id| id.to_string()),
        filter.message_id,
        filter.since,
    )
    .fetch_one(pool)
    .await?;
    Ok(count.try_into().unwrap_or_default())
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
    use contract::{ids::UserId, parked::ParkedQuery};

    #[sqlx::test]
    async fn pages_follow_each_other_in_the_order_of_arrival(pool: PgPool) {
        for id in ["a", "b", "c"] {
            parks(&pool, &arrival(id, "payment-worker")).await;
        }
        parks(&pool, &arrival("d", "order-processor")).await;
        let page = async |cursor| {
            let queue = Some("payment-worker".to_owned());
            let query = ParkedQuery { queue, limit: Some(2), cursor, ..ParkedQuery::default() };
            let page = page(&pool, &Listing::parse(query).unwrap()).await.unwrap();
            assert_eq!(page.total, 3);
            let ids = page.items.into_iter().map(|message| message.message_id.unwrap()).collect::<Vec<_>>();
            (ids, page.next_cursor)
        };
        let (first, cursor) = page(None).await;
        assert_eq!(first, ["a", "b"]);
        assert_eq!(page(cursor).await, (vec!["c".to_owned()], None));
    }

    #[sqlx::test]
    async fn messages_are_listed_by_state(pool: PgPool) {
        let id = parks(&pool, &arrival("a", "payment-worker")).await;
        discard(&pool, &Action::of(UserId::new()), &[id]).await.unwrap();
        for state in ParkedState::ALL {
            let query = ParkedQuery { state: Some(state), ..ParkedQuery::default() };
            let page = page(&pool, &Listing::parse(query).unwrap()).await.unwrap();
            let expected = if state == ParkedState::Discarded { vec![state] } else { Vec::new() };
            assert_eq!(page.items.iter().map(|message| message.state).collect::<Vec<_>>(), expected);
        }
    }
}

//! The rows that a request chooses.

use crate::domain::selection::Messages;
use contract::parked::{MAX_SELECTED, ParkedFilter, ParkedOutcome, ParkedResult};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The ids of a request, and the cursor of the next request if more rows match its filter.
pub(crate) struct Chosen {
    pub ids: Vec<Uuid>,
    pub next_cursor: Option<String>,
}

/// Finds the rows of a request.
pub(crate) async fn choose(pool: &PgPool, messages: Messages) -> sqlx::Result<Chosen> {
    match messages {
        Messages::Ids(ids) => Ok(Chosen { ids, next_cursor: None }),
        Messages::Matching { filter, after } => {
            // One extra row shows whether there are more.
            let mut ids = matching(pool, &filter, after, MAX_SELECTED + 1).await?;
            let more = ids.len() > MAX_SELECTED;
            ids.truncate(MAX_SELECTED);
            let next_cursor = ids.last().filter(|_| more).map(Uuid::to_string);
            Ok(Chosen { ids, next_cursor })
        }
    }
}

async fn matching(
    pool: &PgPool,
    filter: &ParkedFilter,
    after: Uuid,
    limit: usize,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT id FROM parked_messages
         WHERE state = 'parked' AND id > $1
             AND ($2::text IS NULL OR queue = $2)
             AND ($3::text IS NULL OR event_type = $3)
             AND ($4::text IS NULL OR order_id = $4)
             AND ($5::text IS NULL OR message_id = $5)
             AND ($6::timestamptz IS NULL OR coalesce(parked_at, received_at) >= $6)
         ORDER BY id LIMIT $7",
        after,
        filter.queue,
        filter.kind,
        filter.order_id.map(|id| id.to_string()),
        filter.message_id,
        filter.since,
        i64::try_from(limit).unwrap_or(i64::MAX),
    )
    .fetch_all(pool)
    .await
}

/// The part of a row that decides about a request.
#[derive(Debug)]
pub(super) struct Row {
    pub id: Uuid,
    pub message_id: Option<String>,
    pub queue: Option<String>,
    pub order_id: Option<String>,
    pub is_parked: bool,
    /// Another request is replaying it.
    pub is_claimed: bool,
    pub bytes: i32,
}

impl Row {
    /// The reason why nothing can be done with this row.
    pub(super) fn refusal(&self) -> Option<ParkedOutcome> {
        match self {
            Self { is_parked: false, .. } => Some(ParkedOutcome::NotParked),
            Self { is_claimed: true, .. } => Some(ParkedOutcome::InUse),
            _ => None,
        }
    }
}

/// Locks the rows until the end of the transaction, so that only one request changes them. All requests lock in the
/// order of ids, so that no two wait for each other.
pub(super) async fn lock(db: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"SELECT id, message_id, queue, order_id, state = 'parked' AS "is_parked!",
               coalesce(claimed_until > now(), false) AS "is_claimed!", octet_length(body) AS "bytes!"
           FROM parked_messages WHERE id = ANY($1) ORDER BY id FOR UPDATE"#,
        ids,
    )
    .fetch_all(db)
    .await
}

/// The result for each id, in the order of the request.
pub(super) fn results(
    ids: &[Uuid],
    rows: &[Row],
    outcome: impl Fn(&Row) -> ParkedOutcome,
) -> Vec<ParkedResult> {
    let result = |id: &Uuid| match rows.iter().find(|row| row.id == *id) {
        Some(row) => ParkedResult {
            id: row.id,
            message_id: row.message_id.clone(),
            queue: row.queue.clone(),
            order_id: row.order_id.clone(),
            outcome: row.refusal().unwrap_or_else(|| outcome(row)),
        },
        None => ParkedResult {
            id: *id,
            message_id: None,
            queue: None,
            order_id: None,
            outcome: ParkedOutcome::NotFound,
        },
    };
    ids.iter().map(result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::{arrival, parks};

    #[sqlx::test]
    async fn a_filter_chooses_100_messages_at_a_time(pool: PgPool) {
        let mut all = Vec::new();
        for number in 0..=MAX_SELECTED {
            all.push(parks(&pool, &arrival(&format!("m-{number}"), "payment-worker")).await);
        }
        parks(&pool, &arrival("other", "order-processor")).await;
        let filter = ParkedFilter { queue: Some("payment-worker".into()), ..ParkedFilter::default() };
        let choose =
            async |after| choose(&pool, Messages::Matching { filter: filter.clone(), after }).await.unwrap();
        let first = choose(Uuid::nil()).await;
        assert_eq!(first.ids, all[..MAX_SELECTED]);
        let rest = choose(first.next_cursor.unwrap().parse().unwrap()).await;
        assert_eq!((rest.ids, rest.next_cursor), (all[MAX_SELECTED..].to_vec(), None));
    }

    #[sqlx::test]
    async fn each_part_of_a_filter_must_match(pool: PgPool) {
        let id = parks(&pool, &arrival("m-1", "payment-worker")).await;
        let right = ParkedFilter {
            queue: Some("payment-worker".into()),
            kind: Some("order_reserved".into()),
            order_id: "01900000-0000-7000-8000-000000000004".parse().ok(),
            message_id: Some("m-1".into()),
            since: "2023-11-14T22:13:20Z".parse().ok(),
        };
        let chosen = async |filter: &ParkedFilter| matching(&pool, filter, Uuid::nil(), 10).await.unwrap();
        assert_eq!(chosen(&right).await, [id]);
        for wrong in [
            ParkedFilter { queue: Some("order-processor".into()), ..right.clone() },
            ParkedFilter { kind: Some("order_paid".into()), ..right.clone() },
            ParkedFilter { order_id: Some(contract::ids::OrderId::new()), ..right.clone() },
            ParkedFilter { message_id: Some("m-2".into()), ..right.clone() },
            ParkedFilter { since: "2023-11-14T22:13:21Z".parse().ok(), ..right.clone() },
        ] {
            assert!(chosen(&wrong).await.is_empty(), "{wrong:?}");
        }
    }
}

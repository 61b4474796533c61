//! The table `order_events`, as history.

use common::contract::{events::OrderEvent, ids::OrderId};
use sqlx::{PgExecutor, types::Json};

/// What happened to an order after this version, in order.
pub(crate) async fn after(
    db: impl PgExecutor<'_>,
    order_id: OrderId,
    version: u32,
) -> Result<Vec<OrderEvent>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select body as "body: Json<OrderEvent>" from order_events
           where order_id = $1 and version > $2 order by version"#,
        order_id.uuid(),
        // Versions are counted up from 1; a client that asks past the largest asks for nothing.
        i32::try_from(version).unwrap_or(i32::MAX)
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| row.body.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::testing::{moved, placed},
        domain::status,
    };
    use chrono::Utc;
    use common::contract::{
        events::{CancelledBy, Change},
        ids::UserId,
    };
    use sqlx::PgPool;

    #[sqlx::test(migrations = "./migrations")]
    async fn history_is_in_order_and_starts_where_it_is_asked_to(db: PgPool) {
        let (mut order, created) = placed(&db, UserId::new()).await;
        let cancelled =
            status::apply(&mut order, Change::Cancelled { by: CancelledBy::Customer }, Utc::now());
        assert!(moved(&db, &order, cancelled.clone()).await);

        assert_eq!(after(&db, order.id, 0).await.unwrap(), [created, cancelled.clone()]);
        assert_eq!(after(&db, order.id, 1).await.unwrap(), [cancelled]);
        assert_eq!(after(&db, order.id, u32::MAX).await.unwrap(), []);
    }
}

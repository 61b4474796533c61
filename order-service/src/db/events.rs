//! The table `order_events`: the history of orders.

use super::column;
use contract::{events::OrderEvent, ids::OrderId};
use sqlx::{PgExecutor, types::Json};

/// Reads the events of an order after this version, in order.
pub(crate) async fn after(
    db: impl PgExecutor<'_>,
    order_id: OrderId,
    version: u32,
) -> Result<Vec<OrderEvent>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select body as "body: Json<OrderEvent>" from order_events
           where order_id = $1 and version > $2 order by version"#,
        order_id.uuid(),
        // Stored versions are at most `i32::MAX`. A larger version finds no events.
        i32::try_from(version).unwrap_or(i32::MAX)
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| row.body.0).collect())
}

/// Reads the events of several orders, each after its given version, sorted by order and version.
pub(crate) async fn after_each(
    db: impl PgExecutor<'_>,
    orders: &[(OrderId, u32)],
) -> Result<Vec<OrderEvent>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select body as "body: Json<OrderEvent>"
           from unnest($1::uuid[], $2::int[]) as seen (order_id, version)
           join order_events on order_events.order_id = seen.order_id and order_events.version > seen.version
           order by order_events.order_id, order_events.version"#,
        &column(orders, |(order, _)| order.uuid()),
        &column(orders, |(_, version)| i32::try_from(*version).unwrap_or(i32::MAX)),
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
    use contract::{
        events::{CancelledBy, Change},
        ids::UserId,
    };
    use sqlx::PgPool;

    #[sqlx::test(migrations = "./migrations")]
    async fn history_is_sorted_and_starts_after_the_given_version(db: PgPool) {
        let (mut order, created) = placed(&db, UserId::new()).await;
        let cancelled = status::apply(
            &mut order,
            Change::Cancelled { by: CancelledBy::Customer, reason: None },
            Utc::now(),
        );
        assert!(moved(&db, &order, cancelled.clone()).await);

        assert_eq!(after(&db, order.id, 0).await.unwrap(), [created, cancelled.clone()]);
        assert_eq!(after(&db, order.id, 1).await.unwrap(), [cancelled]);
        assert_eq!(after(&db, order.id, u32::MAX).await.unwrap(), []);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn each_order_has_the_events_after_its_own_version(db: PgPool) {
        let (mut first, _) = placed(&db, UserId::new()).await;
        let (second, created) = placed(&db, UserId::new()).await;
        let cancelled = status::apply(
            &mut first,
            Change::Cancelled { by: CancelledBy::Customer, reason: None },
            Utc::now(),
        );
        assert!(moved(&db, &first, cancelled.clone()).await);

        let seen = [(second.id, 0), (first.id, 1), (OrderId::new(), 0)];
        assert_eq!(after_each(&db, &seen).await.unwrap(), [cancelled, created]);
        assert_eq!(after_each(&db, &[(first.id, 2), (second.id, 1)]).await.unwrap(), []);
    }
}

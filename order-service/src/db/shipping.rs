//! The part of orders that their deliveries need.

use contract::{addresses::ShippingOrder, ids::OrderId, orders::Address};
use sqlx::{PgPool, types::Json};
use uuid::Uuid;

struct Row {
    id: Uuid,
    user_id: Uuid,
    shipping_address: Option<Json<Address>>,
}

impl From<Row> for ShippingOrder {
    fn from(row: Row) -> Self {
        let shipping_address = row.shipping_address.map(|address| address.0);
        Self { id: row.id.into(), user_id: row.user_id.into(), shipping_address }
    }
}

/// Finds the existing orders with these ids.
pub(crate) async fn find(db: &PgPool, ids: &[OrderId]) -> Result<Vec<ShippingOrder>, sqlx::Error> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, user_id, shipping_address AS "shipping_address: Json<Address>"
           FROM orders WHERE id = ANY($1)"#,
        &ids
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(ShippingOrder::from).collect())
}

/// Finds the completed orders between two ids, oldest first. Reads the primary key, which is sorted by the
/// time of placement.
pub(crate) async fn completed(
    db: &PgPool,
    after: OrderId,
    before: OrderId,
    limit: i64,
) -> Result<Vec<ShippingOrder>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, user_id, shipping_address AS "shipping_address: Json<Address>"
           FROM orders WHERE id > $1 AND id < $2 AND status = 'completed'
           ORDER BY id LIMIT $3"#,
        after.uuid(),
        before.uuid(),
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(ShippingOrder::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::placed;
    use contract::ids::UserId;

    #[sqlx::test(migrations = "./migrations")]
    async fn orders_are_found_by_id_and_completed_ones_by_their_time(db: PgPool) {
        let user = UserId::new();
        let mut orders = Vec::new();
        for _ in 0..4 {
            orders.push(placed(&db, user).await.0);
        }
        let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
        let found = find(&db, &[ids[2], OrderId::new()]).await.unwrap();
        let expected =
            ShippingOrder { id: ids[2], user_id: user, shipping_address: orders[2].shipping_address.clone() };
        assert_eq!(found, [expected]);

        let complete = "UPDATE orders SET status = 'completed' WHERE id <> $1";
        sqlx::query(complete).bind(ids[2].uuid()).execute(&db).await.unwrap();
        let between = async |after, before, limit| {
            let found = completed(&db, after, before, limit).await.unwrap();
            found.into_iter().map(|order| order.id).collect::<Vec<_>>()
        };
        let (first, last) = (Uuid::nil().into(), OrderId::new());
        assert_eq!(between(first, last, 9).await, [ids[0], ids[1], ids[3]]);
        assert_eq!(between(first, last, 2).await, ids[..2]);
        assert_eq!(between(ids[0], ids[3], 9).await, [ids[1]]);
    }
}

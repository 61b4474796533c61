//! The books of the warehouse, looked at in tests.

use contract::ids::ProductId;
use sqlx::{PgPool, Row};

/// What the tables say of a product, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Books {
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
    /// Pieces in the lines of reservations that are held.
    pub(crate) held: i64,
    /// Pieces in the lines of those that are committed.
    pub(crate) committed: i64,
}

/// One statement, so that all of it is of the same moment.
pub(crate) async fn books(pool: &PgPool, product: ProductId) -> Books {
    let row = sqlx::query(
        "WITH line AS (
             SELECT status, (line->>'quantity')::bigint AS quantity
             FROM reservations, jsonb_array_elements(lines) AS line
             WHERE (line->>'product_id')::uuid = $1
         )
         SELECT on_hand, reserved,
                (SELECT coalesce(sum(quantity), 0)::bigint FROM line WHERE status = 'held') AS held,
                (SELECT coalesce(sum(quantity), 0)::bigint FROM line WHERE status = 'committed') AS committed
         FROM products WHERE id = $1",
    )
    .bind(product.uuid())
    .fetch_one(pool)
    .await
    .unwrap();
    Books {
        on_hand: row.get("on_hand"),
        reserved: row.get("reserved"),
        held: row.get("held"),
        committed: row.get("committed"),
    }
}

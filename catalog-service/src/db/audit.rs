//! Reads the stock and the reservations of a product, for tests.

use contract::ids::ProductId;
use sqlx::{PgPool, Row};

/// The numbers of a product in all tables at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Books {
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
    /// Pieces in the lines of held reservations.
    pub(crate) held: i64,
    /// Pieces in the lines of committed reservations.
    pub(crate) committed: i64,
}

/// Reads the numbers in one statement, so that they belong to the same moment.
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

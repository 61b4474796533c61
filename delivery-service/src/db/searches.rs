//! How far each search for completed orders without a shipment has come.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

/// The time that a search has reached. A new search starts at `start`.
pub(crate) async fn reached(
    pool: &PgPool,
    name: &str,
    start: DateTime<Utc>,
) -> Result<DateTime<Utc>, sqlx::Error> {
    let reached = sqlx::query_scalar!("SELECT reached_at FROM searches WHERE name = $1", name);
    Ok(reached.fetch_optional(pool).await?.unwrap_or(start))
}

/// Moves a search forward. Replicas may search at the same time, and the furthest one counts.
pub(crate) async fn reach(pool: &PgPool, name: &str, at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO searches (name, reached_at) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET reached_at = greatest(searches.reached_at, excluded.reached_at)",
        name,
        at,
    )
    .execute(pool)
    .await
    .map(drop)
}

/// The orders of this list that have no shipment.
pub(crate) async fn missing(pool: &PgPool, orders: &[Uuid]) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM unnest($1::uuid[]) AS completed (id)
           WHERE NOT EXISTS (SELECT FROM shipments WHERE order_id = id)"#,
        orders,
    )
    .fetch_all(pool)
    .await
}

//! Changes of an address. They are possible until the carrier may have been asked to take the parcel.

use super::json;
use contract::{ids::OrderId, orders::Address};
use sqlx::PgPool;

/// Changes the address, and makes the hand-over due. Returns whether the address was still open.
pub(crate) async fn change(pool: &PgPool, order_id: OrderId, address: &Address) -> Result<bool, sqlx::Error> {
    let changed = sqlx::query!(
        "UPDATE shipments SET address = $2, refusal = NULL, tries = 0, due_at = now()
         WHERE order_id = $1 AND parcel IS NULL AND NOT handover_begun",
        order_id.uuid(),
        json(address)?,
    )
    .execute(pool)
    .await?;
    Ok(changed.rows_affected() > 0)
}

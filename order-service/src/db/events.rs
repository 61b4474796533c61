//! The table `order_events`, as history.

use common::{
    contract::{events::OrderEvent, ids::OrderId},
    trace::TraceContext,
};
use sqlx::{PgExecutor, types::Json};

/// Writes an event, in the transaction of the change that it tells of.
pub(crate) async fn append(
    db: impl PgExecutor<'_>,
    event: &OrderEvent,
    trace: Option<TraceContext>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into order_events (id, order_id, version, body, traceparent) values ($1, $2, $3, $4, $5)",
        event.id.uuid(),
        event.order_id.uuid(),
        event.version.cast_signed(),
        Json(event) as _,
        trace.map(|trace| trace.to_string()),
    )
    .execute(db)
    .await
    .map(drop)
}

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

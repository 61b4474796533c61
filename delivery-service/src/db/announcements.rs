//! Writes the event of a change and its row in the outbox, in the transaction of the change.

use super::json;
use contract::deliveries::DeliveryEvent;
use sqlx::PgConnection;
use storage::outbox::Unpublished;

pub(super) async fn insert(
    events: &[Unpublished<DeliveryEvent>],
    db: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    if events.is_empty() {
        return Ok(());
    }
    let (mut ids, mut orders, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    let (mut bodies, mut traces) = (Vec::new(), Vec::new());
    for Unpublished { event, traceparent, .. } in events {
        ids.push(event.id.uuid());
        orders.push(event.order_id.uuid());
        versions.push(event.version.cast_signed());
        bodies.push(json(&**event)?);
        traces.push(traceparent.clone());
    }
    sqlx::query!(
        "WITH input AS (
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::json[], $5::text[])
                 AS input (id, order_id, version, body, traceparent)
         ), event AS (
             INSERT INTO delivery_events (id, order_id, version, body, traceparent)
             SELECT id, order_id, version, body, traceparent FROM input
         )
         INSERT INTO outbox (order_id, version) SELECT order_id, version FROM input",
        &ids,
        &orders,
        &versions,
        &bodies,
        &traces as &[Option<String>],
    )
    .execute(db)
    .await
    .map(drop)
}

//! New shipments. An order gets one shipment, however often it is created.

use super::{announcements, json};
use crate::domain::{promise::Window, shipment::Shipment};
use chrono::Utc;
use contract::{addresses::ShippingOrder, deliveries::DeliveryEvent};
use runtime::trace::TraceContext;
use sqlx::PgConnection;
use std::collections::HashSet;
use storage::{group_commit::Write, outbox::Unpublished};
use uuid::Uuid;

/// A shipment to create, with its first event.
pub(crate) struct Creation {
    order: ShippingOrder,
    window: Window,
    pub(crate) event: Unpublished<DeliveryEvent>,
}

impl Creation {
    pub(crate) fn of(order: ShippingOrder, window: Window) -> Self {
        let traceparent = TraceContext::current().map(|trace| trace.to_string());
        let event = Shipment::new(order.id, order.user_id).announcement(Utc::now());
        Self { order, window, event: Unpublished::new(event, traceparent) }
    }
}

impl Write for Creation {
    /// Whether this write created the shipment.
    type Answer = bool;

    async fn commit(creations: &[Self], db: &mut PgConnection) -> Result<Vec<bool>, sqlx::Error> {
        // A group may hold two deliveries of one message. The first creates the shipment.
        let mut seen = HashSet::new();
        let firsts: Vec<_> = creations.iter().map(|creation| seen.insert(creation.order.id)).collect();
        let rows: Vec<_> =
            creations.iter().zip(&firsts).filter_map(|(row, first)| first.then_some(row)).collect();
        let addresses = rows.iter().map(|row| row.order.shipping_address.as_ref().map(json).transpose());
        let addresses = addresses.collect::<Result<Vec<_>, _>>()?;
        let column = |value: fn(&Self) -> Uuid| rows.iter().map(|row| value(row)).collect::<Vec<_>>();
        let mut transaction = sqlx::Connection::begin(db).await?;
        let created = sqlx::query_scalar!(
            // In the same order everywhere, so that no two replicas wait for each other.
            "INSERT INTO shipments (order_id, user_id, address, promised_from, promised_to, due_at)
             SELECT order_id, user_id, address, promised_from, promised_to,
                    CASE WHEN address IS NOT NULL THEN now() END
             FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::date[], $5::date[])
                 AS input (order_id, user_id, address, promised_from, promised_to)
             ORDER BY order_id
             ON CONFLICT DO NOTHING
             RETURNING order_id",
            &column(|row| row.order.id.uuid()),
            &column(|row| row.order.user_id.uuid()),
            &addresses as &[Option<serde_json::Value>],
            &rows.iter().map(|row| row.window.from).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.window.to).collect::<Vec<_>>(),
        )
        .fetch_all(&mut *transaction)
        .await?;
        let created: HashSet<_> = created.into_iter().collect();
        let is_new = |creation: &Self| created.contains(&creation.order.id.uuid());
        let events: Vec<_> = rows.iter().filter(|row| is_new(row)).map(|row| row.event.clone()).collect();
        announcements::insert(&events, &mut transaction).await?;
        transaction.commit().await?;
        Ok(creations.iter().zip(firsts).map(|(creation, first)| first && is_new(creation)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{
        deliveries,
        testing::{order, window},
    };
    use sqlx::PgPool;

    #[sqlx::test]
    async fn an_order_gets_one_shipment(pool: PgPool) {
        let (one, mut other) = (order(), order());
        other.shipping_address = None;
        let group = [&one, &other, &one].map(|order| Creation::of(order.clone(), window()));
        let mut db = pool.acquire().await.unwrap();
        assert_eq!(Creation::commit(&group, &mut db).await.unwrap(), [true, true, false]);
        assert_eq!(Creation::commit(&group[..1], &mut db).await.unwrap(), [false], "created before");

        let (events, unpublished): (i64, i64) =
            sqlx::query_as("SELECT (SELECT count(*) FROM delivery_events), (SELECT count(*) FROM outbox)")
                .fetch_one(&pool)
                .await
                .unwrap();
        assert_eq!((events, unpublished), (2, 2));
        let found = deliveries::find(&pool, one.id).await.unwrap().unwrap();
        assert_eq!((found.address, found.version), (one.shipping_address, 1));
    }
}

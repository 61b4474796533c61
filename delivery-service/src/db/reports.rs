//! Records the carrier's reports and moves the shipment, in one transaction.

use super::{announcements, corrupt};
use crate::domain::{report::Report, shipment::Shipment};
use chrono::{SubsecRound as _, Utc};
use contract::{deliveries::DeliveryEvent, ids::OrderId};
use runtime::trace::TraceContext;
use sqlx::{PgConnection, PgPool};
use std::{collections::HashSet, time::Duration};
use storage::outbox::Unpublished;

/// The result of recording reports.
#[derive(Debug)]
pub(crate) enum Recorded {
    /// There is no such shipment, or the carrier has another parcel for it.
    Unknown,
    /// All reports were recorded before. Nothing was changed.
    Repeated,
    /// At least one report is new. The events announce the new statuses.
    New(Vec<Unpublished<DeliveryEvent>>),
}

/// Records reports about the parcel of an order. Each report counts once, by its id.
///
/// The row of the shipment is locked, so concurrent reports are applied one after the other.
pub(crate) async fn record(
    pool: &PgPool,
    order_id: OrderId,
    parcel: &str,
    reports: &[Report],
    poll_after: Duration,
) -> Result<Recorded, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let Some((mut shipment, known_parcel)) = lock(order_id, &mut transaction).await? else {
        return Ok(Recorded::Unknown);
    };
    let is_first = known_parcel.is_none();
    if known_parcel.is_some_and(|known| known != parcel) {
        return Ok(Recorded::Unknown);
    }
    let new = insert(order_id, reports, &mut transaction).await?;
    if new.is_empty() && !is_first {
        return Ok(Recorded::Repeated);
    }
    let now = Utc::now().trunc_subsecs(6);
    let traceparent = TraceContext::current().map(|trace| trace.to_string());
    let events: Vec<_> = reports
        .iter()
        .filter(|report| new.contains(&report.id))
        .filter_map(|report| shipment.apply(report, now))
        .map(|event| Unpublished::new(event, traceparent.clone()))
        .collect();
    update(&shipment, parcel, !events.is_empty(), poll_after, &mut transaction).await?;
    announcements::insert(&events, &mut transaction).await?;
    transaction.commit().await?;
    Ok(Recorded::New(events))
}

async fn lock(
    order_id: OrderId,
    db: &mut PgConnection,
) -> Result<Option<(Shipment, Option<String>)>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT user_id, status, version, parcel, shipped_at, delivered_at FROM shipments
         WHERE order_id = $1 FOR UPDATE",
        order_id.uuid(),
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        let shipment = Shipment {
            order_id,
            user_id: row.user_id.into(),
            status: row.status.parse().map_err(corrupt)?,
            version: row.version.cast_unsigned(),
            shipped_at: row.shipped_at,
            delivered_at: row.delivered_at,
        };
        Ok((shipment, row.parcel))
    })
    .transpose()
}

/// Appends the reports that are new, and returns their ids.
async fn insert(
    order_id: OrderId,
    reports: &[Report],
    db: &mut PgConnection,
) -> Result<HashSet<String>, sqlx::Error> {
    let ids: Vec<_> = reports.iter().map(|report| report.id.clone()).collect();
    let statuses: Vec<_> = reports.iter().map(|report| report.status.clone()).collect();
    let times: Vec<_> = reports.iter().map(|report| report.at).collect();
    let new = sqlx::query_scalar!(
        "INSERT INTO reports (id, order_id, status, at)
         SELECT id, $1, status, at FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS input (id, status, at)
         ORDER BY id
         ON CONFLICT DO NOTHING
         RETURNING id",
        order_id.uuid(),
        &ids,
        &statuses,
        &times,
    )
    .fetch_all(db)
    .await?;
    Ok(new.into_iter().collect())
}

/// Writes the shipment. After a move, the sweep next asks the carrier when nothing was heard for
/// `poll_after`.
async fn update(
    shipment: &Shipment,
    parcel: &str,
    has_moved: bool,
    poll_after: Duration,
    db: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE shipments
         SET status = $2, version = $3, parcel = $4, refusal = NULL, shipped_at = $5, delivered_at = $6,
             tries = CASE WHEN $7 OR parcel IS NULL THEN 0 ELSE tries END,
             due_at = CASE
                 WHEN $8 THEN NULL
                 WHEN $7 OR parcel IS NULL THEN now() + make_interval(secs => $9)
                 ELSE due_at END,
             updated_at = CASE WHEN $7 THEN now() ELSE updated_at END
         WHERE order_id = $1",
        shipment.order_id.uuid(),
        shipment.status.as_str(),
        shipment.version.cast_signed(),
        parcel,
        shipment.shipped_at,
        shipment.delivered_at,
        has_moved,
        shipment.status.is_final(),
        poll_after.as_secs_f64(),
    )
    .execute(db)
    .await
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{
        deliveries,
        testing::{POLL_AFTER, created, order, report},
    };
    use contract::deliveries::DeliveryStatus::{self, Delivered, InTransit, Shipped};
    use futures_util::future::join_all;

    /// The statuses that were announced, or `None` if the reports were refused or repeated.
    async fn announced(pool: &PgPool, order: OrderId, reports: &[Report]) -> Option<Vec<DeliveryStatus>> {
        match record(pool, order, "P1", reports, POLL_AFTER).await.unwrap() {
            Recorded::New(events) => {
                Some(events.iter().map(|unpublished| unpublished.event.status).collect())
            }
            Recorded::Unknown | Recorded::Repeated => None,
        }
    }

    #[sqlx::test]
    async fn a_report_counts_once_and_late_ones_do_not_move_the_status_back(pool: PgPool) {
        let order = order();
        created(&pool, &order).await;
        let (accepted, moving) = (report("accepted", 1), report("in_transit", 2));
        assert_eq!(announced(&pool, order.id, std::slice::from_ref(&moving)).await, Some(vec![InTransit]));
        assert_eq!(announced(&pool, order.id, std::slice::from_ref(&moving)).await, None, "a duplicate");
        assert_eq!(announced(&pool, order.id, &[accepted.clone(), moving]).await, Some(vec![]), "a late one");
        let found = deliveries::find(&pool, order.id).await.unwrap().unwrap();
        assert_eq!((found.status, found.version), (InTransit, 2));
        assert_eq!(found.shipped_at, Some(accepted.at));
        let shown: Vec<_> = found.reports.iter().map(|report| report.status.as_str()).collect();
        assert_eq!(shown, ["accepted", "in_transit"]);
    }

    #[sqlx::test]
    async fn each_status_has_one_event_in_the_outbox(pool: PgPool) {
        let order = order();
        created(&pool, &order).await;
        let all = [report("accepted", 1), report("in_transit", 2), report("delivered", 3)];
        assert_eq!(announced(&pool, order.id, &all).await, Some(vec![Shipped, InTransit, Delivered]));
        let names: Vec<String> = sqlx::query_scalar(
            "SELECT body->>'type' FROM delivery_events JOIN outbox USING (order_id, version) ORDER BY version",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        assert_eq!(names, ["delivery_created", "delivery_shipped", "delivery_updated", "delivery_delivered"]);
    }

    #[sqlx::test]
    async fn concurrent_duplicates_are_recorded_once(pool: PgPool) {
        let order = order();
        created(&pool, &order).await;
        let same = [report("accepted", 1)];
        let all = join_all((0..4).map(|_| announced(&pool, order.id, &same))).await;
        assert_eq!(all.into_iter().flatten().collect::<Vec<_>>(), [[Shipped]]);
    }

    #[sqlx::test]
    async fn a_report_about_another_parcel_changes_nothing(pool: PgPool) {
        let order = order();
        let accepted = [report("accepted", 1)];
        let unknown = record(&pool, order.id, "P1", &accepted, POLL_AFTER).await.unwrap();
        assert!(matches!(unknown, Recorded::Unknown), "there is no shipment");
        created(&pool, &order).await;
        assert_eq!(announced(&pool, order.id, &accepted).await, Some(vec![Shipped]));
        let other = record(&pool, order.id, "P2", &[report("lost", 2)], POLL_AFTER).await.unwrap();
        assert!(matches!(other, Recorded::Unknown), "the order has another parcel");
        let found = deliveries::find(&pool, order.id).await.unwrap().unwrap();
        assert_eq!((found.status, found.reports.len()), (Shipped, 1));
    }
}

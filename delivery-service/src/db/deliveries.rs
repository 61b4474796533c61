//! Reads deliveries for customers and staff.

use super::corrupt;
use crate::domain::listing::Listing;
use chrono::{DateTime, NaiveDate, Utc};
use contract::{
    deliveries::{CarrierReport, Delivery, DeliveryStatus},
    ids::OrderId,
    orders::Address,
};
use sqlx::{PgPool, types::Json};
use std::collections::HashMap;
use uuid::Uuid;

struct Row {
    order_id: Uuid,
    user_id: Uuid,
    status: String,
    version: i32,
    address: Option<Json<Address>>,
    handover_begun: bool,
    parcel: Option<String>,
    refusal: Option<String>,
    promised_from: NaiveDate,
    promised_to: NaiveDate,
    is_late: bool,
    created_at: DateTime<Utc>,
    shipped_at: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Delivery {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            order_id: row.order_id.into(),
            user_id: row.user_id.into(),
            status: row.status.parse().map_err(corrupt)?,
            version: row.version.cast_unsigned(),
            address: row.address.map(|address| address.0),
            address_is_open: row.parcel.is_none() && !row.handover_begun,
            parcel: row.parcel,
            refusal: row.refusal,
            promised_from: row.promised_from,
            promised_to: row.promised_to,
            is_late: row.is_late,
            created_at: row.created_at,
            shipped_at: row.shipped_at,
            delivered_at: row.delivered_at,
            updated_at: row.updated_at,
            reports: Vec::new(),
        })
    }
}

/// Finds the delivery of an order.
pub(crate) async fn find(pool: &PgPool, order_id: OrderId) -> Result<Option<Delivery>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT order_id, user_id, status, version, address AS "address: Json<Address>", handover_begun, parcel,
                  refusal, promised_from, promised_to,
                  promised_to < (now() AT TIME ZONE 'UTC')::date
                      AND status IN ('created', 'shipped', 'in_transit', 'out_for_delivery') AS "is_late!",
                  created_at, shipped_at, delivered_at, updated_at
           FROM shipments WHERE order_id = $1"#,
        order_id.uuid(),
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut found = with_reports(pool, vec![row.try_into()?]).await?;
    Ok(found.pop())
}

/// Lists the deliveries of a page, newest order first, and the first delivery of the next page if there is
/// one.
pub(crate) async fn list(pool: &PgPool, listing: &Listing) -> Result<Vec<Delivery>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT order_id, user_id, status, version, address AS "address: Json<Address>", handover_begun, parcel,
                  refusal, promised_from, promised_to,
                  promised_to < (now() AT TIME ZONE 'UTC')::date
                      AND status IN ('created', 'shipped', 'in_transit', 'out_for_delivery') AS "is_late!",
                  created_at, shipped_at, delivered_at, updated_at
           FROM shipments
           WHERE order_id < $1 AND ($2::text IS NULL OR status = $2)
             AND (NOT $3 OR promised_to < (now() AT TIME ZONE 'UTC')::date
                  AND status IN ('created', 'shipped', 'in_transit', 'out_for_delivery'))
           ORDER BY order_id DESC LIMIT $4"#,
        listing.before.uuid(),
        listing.status.map(DeliveryStatus::as_str),
        listing.only_late,
        listing.limit + 1,
    )
    .fetch_all(pool)
    .await?;
    let found = rows.into_iter().map(Delivery::try_from).collect::<Result<_, _>>()?;
    with_reports(pool, found).await
}

async fn with_reports(pool: &PgPool, mut deliveries: Vec<Delivery>) -> Result<Vec<Delivery>, sqlx::Error> {
    let orders: Vec<_> = deliveries.iter().map(|delivery| delivery.order_id.uuid()).collect();
    let rows = sqlx::query!(
        "SELECT order_id, status, at FROM reports WHERE order_id = ANY($1) ORDER BY at, id",
        &orders,
    )
    .fetch_all(pool)
    .await?;
    let mut reports: HashMap<Uuid, Vec<CarrierReport>> = HashMap::new();
    for row in rows {
        let report = CarrierReport { status: row.status, at: row.at };
        reports.entry(row.order_id).or_default().push(report);
    }
    for delivery in &mut deliveries {
        delivery.reports = reports.remove(&delivery.order_id.uuid()).unwrap_or_default();
    }
    Ok(deliveries)
}

/// Counts the deliveries that are late.
pub(crate) async fn late(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM shipments
           WHERE promised_to < (now() AT TIME ZONE 'UTC')::date
             AND status IN ('created', 'shipped', 'in_transit', 'out_for_delivery')"#
    )
    .fetch_one(pool)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::{created, order};

    #[sqlx::test]
    async fn a_delivery_is_late_after_its_window_until_it_ends(pool: PgPool) {
        let order = order();
        created(&pool, &order).await;
        assert_eq!(late(&pool).await.unwrap(), 0);
        let past = "UPDATE shipments SET promised_to = current_date - 2, parcel = 'P1'";
        sqlx::query(past).execute(&pool).await.unwrap();
        assert_eq!(late(&pool).await.unwrap(), 1);
        assert!(find(&pool, order.id).await.unwrap().unwrap().is_late);
        sqlx::query("UPDATE shipments SET status = 'lost'").execute(&pool).await.unwrap();
        assert_eq!(late(&pool).await.unwrap(), 0);
        assert!(!find(&pool, order.id).await.unwrap().unwrap().is_late);
    }
}

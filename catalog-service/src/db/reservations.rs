//! Reservations and the stock that they move. Few round trips: each lengthens the time for which a
//! product that many orders want is locked.

use crate::domain::reservation::{self, Step};
use common::contract::{
    catalog::{Reservation, ReservationStatus},
    ids::OrderId,
    orders::Line,
};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

#[derive(Clone, Copy, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
enum Status {
    Held,
    Committed,
    Released,
}

impl From<ReservationStatus> for Status {
    fn from(status: ReservationStatus) -> Self {
        match status {
            ReservationStatus::Held => Self::Held,
            ReservationStatus::Committed => Self::Committed,
            ReservationStatus::Released => Self::Released,
        }
    }
}

impl From<Status> for ReservationStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Held => Self::Held,
            Status::Committed => Self::Committed,
            Status::Released => Self::Released,
        }
    }
}

struct Row {
    order_id: Uuid,
    status: Status,
    lines: Json<Vec<Line>>,
}

impl From<Row> for Reservation {
    fn from(row: Row) -> Self {
        let total = reservation::sum(&row.lines);
        Self { order_id: row.order_id.into(), status: row.status.into(), lines: row.lines.0, total }
    }
}

/// Writes a reservation and sets its stock aside; false, and nothing is changed, where the order has
/// one already. A concurrent attempt for the same order is waited for.
///
/// The products must be locked.
pub(crate) async fn hold(
    connection: &mut PgConnection,
    reservation: &Reservation,
) -> Result<bool, sqlx::Error> {
    let (products, quantities) = columns(&reservation.lines);
    let updated = sqlx::query!(
        r#"WITH held AS (
               INSERT INTO reservations (order_id, status, lines) VALUES ($1, 'held', $2)
               ON CONFLICT (order_id) DO NOTHING
               RETURNING order_id
           )
           UPDATE products SET reserved = reserved + line.quantity
           FROM held, unnest($3::uuid[], $4::bigint[]) AS line (product_id, quantity)
           WHERE products.id = line.product_id"#,
        reservation.order_id.uuid(),
        Json(&reservation.lines) as _,
        &products,
        &quantities,
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// An order's reservation.
pub(crate) async fn find(
    connection: &mut PgConnection,
    order_id: OrderId,
) -> Result<Option<Reservation>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT order_id, status AS "status: Status", lines AS "lines: Json<Vec<Line>>"
           FROM reservations WHERE order_id = $1"#,
        order_id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Reservation::from))
}

/// An order's reservation, which nobody else settles before the transaction ends.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    order_id: OrderId,
) -> Result<Option<Reservation>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT order_id, status AS "status: Status", lines AS "lines: Json<Vec<Line>>"
           FROM reservations WHERE order_id = $1 FOR UPDATE"#,
        order_id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Reservation::from))
}

/// The same, where an order that has none gets an empty, released one: then a request to reserve that
/// arrives later holds nothing. One that is under way is waited for.
pub(crate) async fn lock_or_forestall(
    connection: &mut PgConnection,
    order_id: OrderId,
) -> Result<Reservation, sqlx::Error> {
    sqlx::query!(
        "INSERT INTO reservations (order_id, status, lines) VALUES ($1, 'released', '[]')
         ON CONFLICT (order_id) DO NOTHING",
        order_id.uuid(),
    )
    .execute(&mut *connection)
    .await?;
    lock(connection, order_id).await?.ok_or(sqlx::Error::RowNotFound)
}

/// Takes a reservation a step on, and its stock along.
///
/// The reservation must be locked.
pub(crate) async fn settle(
    connection: &mut PgConnection,
    reservation: Reservation,
    step: Step,
) -> Result<Reservation, sqlx::Error> {
    let (products, quantities) = columns(&reservation.lines);
    // The rows of products are locked in the order of their ids, as everywhere: an UPDATE by itself
    // takes them in whatever order the plan has.
    sqlx::query!(
        r#"WITH settled AS (
               UPDATE reservations SET status = $2, updated_at = now() WHERE order_id = $1
           ),
           line AS (
               SELECT id, quantity
               FROM products JOIN unnest($3::uuid[], $4::bigint[]) AS line (id, quantity) USING (id)
               ORDER BY id
               FOR UPDATE OF products
           )
           UPDATE products
           SET on_hand = on_hand + $5 * line.quantity, reserved = reserved + $6 * line.quantity
           FROM line
           WHERE products.id = line.id"#,
        reservation.order_id.uuid(),
        Status::from(step.to) as _,
        &products,
        &quantities,
        step.on_hand,
        step.reserved,
    )
    .execute(connection)
    .await?;
    Ok(Reservation { status: step.to, ..reservation })
}

fn columns(lines: &[Line]) -> (Vec<Uuid>, Vec<i64>) {
    lines.iter().map(|line| (line.product_id.uuid(), i64::from(line.quantity))).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::products,
        domain::{product::Details, reservation::release},
    };
    use common::contract::{ids::ProductId, money::Money};
    use sqlx::PgPool;
    use std::time::{Duration, Instant};

    async fn stocked(pool: &PgPool, sku: &str) -> Line {
        let unit_price = Money { amount_minor: 1, currency: "EUR".parse().unwrap() };
        let details = Details {
            sku: sku.into(),
            name: sku.into(),
            description: String::new(),
            category: "Tea".into(),
            price: unit_price,
        };
        let product_id = products::insert(pool, ProductId::new(), &details).await.unwrap().id;
        let mut connection = pool.acquire().await.unwrap();
        products::set_on_hand(&mut connection, product_id, 10).await.unwrap();
        Line { product_id, name: sku.into(), quantity: 1, unit_price }
    }

    async fn somebody_waits_for_a_lock(pool: &PgPool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            let waiting = sqlx::query_scalar::<_, bool>(
                "SELECT EXISTS (SELECT FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock')",
            );
            if waiting.fetch_one(pool).await.unwrap() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("nobody waits for a lock");
    }

    /// Whoever waits for the first product must not hold the second one yet, or else could be
    /// waited for by whoever holds the first.
    async fn waits_with_empty_hands(
        pool: &PgPool,
        first: &Line,
        second: &Line,
        locks_both: impl Future<Output = ()> + Send + 'static,
    ) {
        let mut holder = pool.begin().await.unwrap();
        products::lock_stock(&mut holder, first.product_id).await.unwrap();
        let waiter = tokio::spawn(locks_both);
        somebody_waits_for_a_lock(pool).await;
        sqlx::query("SET LOCAL lock_timeout = '2s'").execute(&mut *holder).await.unwrap();
        products::lock_stock(&mut holder, second.product_id).await.unwrap();
        holder.rollback().await.unwrap();
        waiter.await.unwrap();
    }

    #[sqlx::test]
    async fn products_are_locked_in_the_order_of_their_ids(pool: PgPool) {
        let (first, second) = (stocked(&pool, "first").await, stocked(&pool, "second").await);
        let lines = vec![second.clone(), first.clone()];
        let held = Reservation {
            order_id: OrderId::new(),
            status: ReservationStatus::Held,
            total: reservation::sum(&lines),
            lines,
        };

        let (reserving, reservation) = (pool.clone(), held.clone());
        waits_with_empty_hands(&pool, &first, &second, async move {
            let mut transaction = reserving.begin().await.unwrap();
            let ids = reservation.lines.iter().map(|line| line.product_id);
            products::lock_offers(&mut transaction, ids).await.unwrap();
            assert!(hold(&mut transaction, &reservation).await.unwrap());
            transaction.commit().await.unwrap();
        })
        .await;

        let (releasing, reservation) = (pool.clone(), held.clone());
        waits_with_empty_hands(&pool, &first, &second, async move {
            let step = release(reservation.status).unwrap();
            let mut transaction = releasing.begin().await.unwrap();
            settle(&mut transaction, reservation, step).await.unwrap();
            transaction.commit().await.unwrap();
        })
        .await;
    }
}

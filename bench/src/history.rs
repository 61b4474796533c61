//! Writes a history of orders directly into PostgreSQL. Through the services, ten million orders would take
//! hours.

use crate::{figures::grouped, progress::say};
use anyhow::Result;
use futures_util::future::try_join_all;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, PgPool, postgres::PgArguments,
    query::Query,
};
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use uuid::Uuid;

/// The functions that the statements below use.
const FUNCTIONS: &str = include_str!("history.sql");
/// The number of orders in one statement. They fit into `work_mem`.
const BATCH: i64 = 20_000;
const WRITERS: usize = 2;
/// The settings for bulk writes that no other client reads yet.
const SETTINGS: [(&str, &str); 4] =
    [("synchronous_commit", "off"), ("jit", "off"), ("work_mem", "64MB"), ("maintenance_work_mem", "1GB")];
const YEARS: Duration = Duration::from_hours(2 * 365 * 24);
/// The history ends this long ago, so that its last order is older than any order of a measurement.
const HISTORY_AGE: Duration = Duration::from_hours(1);
/// The number of orders of each customer of the bench, if the history is large enough.
const ORDERS_PER_CUSTOMER: i64 = 4_000;

/// Inserts completed orders with four events each.
const ORDERS: &str = "
    with past as materialized (select * from pg_temp.history($1, $2, $3, $4, $5, $6, $7, $8)), placed as (
        insert into orders (id, user_id, status, version, attempt, items, lines, total_minor, currency, payment_method,
                            created_at, updated_at)
        select id, user_id, 'completed', 4, 1, items::json, lines::json, total_minor, 'EUR', 'pm_card_visa',
               to_timestamp(ms / 1000.0), to_timestamp((ms + 60) / 1000.0)
        from past)
    insert into order_events (id, order_id, version, body)
    select event, past.id, version,
           pg_temp.event_body(event, past.id, user_id, version, status, ms + 20 * (version - 1), data)
    from past,
         lateral (values
             (1, 'new', format('{\"items\":%s}', items)),
             (2, 'reserved', format('{\"lines\":%s,\"total\":{\"amount_minor\":%s,\"currency\":\"EUR\"},'
                                    '\"payment_method\":\"pm_card_visa\",\"attempt\":1}', lines, total_minor)),
             (3, 'paid', format('{\"attempt\":1,\"payment_id\":\"%s\"}', payment_id)),
             (4, 'completed', '{}')
         ) as told (version, status, data),
         lateral (select pg_temp.uuid_at(ms + 20 * (version - 1), version || substr(hash, 2)) as event
                  offset 0) as named";
const RESERVATIONS: &str = "
    insert into reservations (order_id, status, lines, created_at, updated_at)
    select id, 'committed', lines::jsonb, to_timestamp(ms / 1000.0), to_timestamp((ms + 60) / 1000.0)
    from pg_temp.history($1, $2, $3, $4, $5, $6, $7, $8)";
const CHARGES: &str = "
    insert into charges (order_id, attempt, amount_minor, currency, payment_method, status, payment_id, started_at,
                         updated_at)
    select id, 1, total_minor, 'EUR', 'pm_card_visa', 'captured', payment_id,
           to_timestamp((ms + 20) / 1000.0), to_timestamp((ms + 40) / 1000.0)
    from pg_temp.history($1, $2, $3, $4, $5, $6, $7, $8)";

/// A history of two years.
pub(crate) struct History {
    orders: i64,
    /// The time of the first and the last order, in milliseconds of Unix time.
    begins: i64,
    ends: i64,
    /// Every order whose number is a multiple of this belongs to a customer of the bench.
    turn: i64,
    customers: Vec<Uuid>,
    products: Vec<Uuid>,
}

impl History {
    /// A history of this many orders for these products, by these customers and many others.
    pub(crate) fn new(orders: u32, customers: Vec<Uuid>, products: Vec<Uuid>) -> Result<Self> {
        let orders = i64::from(orders);
        let ends = SystemTime::now().duration_since(UNIX_EPOCH)?.saturating_sub(HISTORY_AGE);
        let own = ORDERS_PER_CUSTOMER * i64::try_from(customers.len())?;
        Ok(Self {
            orders,
            begins: i64::try_from(ends.saturating_sub(YEARS).as_millis())?,
            ends: i64::try_from(ends.as_millis())?,
            turn: (orders / own.max(1)).max(2),
            customers,
            products,
        })
    }

    /// All ids of the history are at or below this id. Later orders have larger ids.
    pub(crate) fn end(&self) -> Result<Uuid> {
        Ok(Uuid::from_u128(u128::try_from(self.ends)? << 80))
    }

    /// Writes the history into the databases of order-service, catalog-service and payment-worker.
    pub(crate) async fn write(&self, orders: &PgPool, catalog: &PgPool, payments: &PgPool) -> Result<()> {
        let mut connection = connect(orders).await?;
        // The rows are inserted by time. Inserts into an index in another order would read and write random
        // pages.
        let indexes: Vec<(String, String)> = sqlx::query_as(
            "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index \
             where indrelid in ('orders'::regclass, 'order_events'::regclass) and not indisunique and indpred is null",
        )
        .fetch_all(&mut connection)
        .await?;
        for (name, _) in &indexes {
            sqlx::query(AssertSqlSafe(format!("drop index {name}"))).execute(&mut connection).await?;
        }
        self.fill(orders, ORDERS, "orders with their events").await?;
        self.fill(catalog, RESERVATIONS, "reservations").await?;
        self.fill(payments, CHARGES, "charges").await?;
        for (name, definition) in indexes {
            say(&format!("  building {name}"));
            sqlx::query(AssertSqlSafe(definition)).execute(&mut connection).await?;
        }
        for (db, what) in [(orders, "orders"), (catalog, "reservations"), (payments, "charges")] {
            say(&format!("  vacuuming the database of {what}"));
            let mut connection = connect(db).await?;
            sqlx::query("vacuum analyze").execute(&mut connection).await?;
            sqlx::query("checkpoint").execute(&mut connection).await?;
        }
        Ok(())
    }

    async fn fill(&self, db: &PgPool, statement: &'static str, what: &str) -> Result<()> {
        let (next, written) = (AtomicI64::new(0), AtomicI64::new(0));
        let tenth = self.orders / 10;
        let writers = (0..WRITERS).map(async |_| {
            let mut connection = connect(db).await?;
            loop {
                let first = next.fetch_add(BATCH, Ordering::Relaxed);
                if first >= self.orders {
                    return anyhow::Ok(connection.close().await?);
                }
                self.batch(statement, first).execute(&mut connection).await?;
                let more = self.beyond(first) - first;
                let before = written.fetch_add(more, Ordering::Relaxed);
                if (before + more) / tenth > before / tenth {
                    say(&format!("  {} of {} {what}", grouped(before + more), grouped(self.orders)));
                }
            }
        });
        try_join_all(writers).await?;
        Ok(())
    }

    /// The number after the last order of the batch that begins with `first`.
    fn beyond(&self, first: i64) -> i64 {
        (first + BATCH).min(self.orders)
    }

    fn batch<'q>(&'q self, statement: &'static str, first: i64) -> Query<'q, sqlx::Postgres, PgArguments> {
        sqlx::query(statement)
            .bind(first)
            .bind(self.beyond(first))
            .bind(self.orders)
            .bind(self.begins)
            .bind(self.ends)
            .bind(self.turn)
            .bind(&self.customers)
            .bind(&self.products)
    }
}

/// Opens a connection with its own settings and functions.
async fn connect(db: &PgPool) -> Result<PgConnection> {
    let options = db.connect_options().as_ref().clone().options(SETTINGS);
    let mut connection = options.connect().await?;
    sqlx::raw_sql(FUNCTIONS).execute(&mut connection).await?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{
        events::OrderEvent,
        orders::{Item, Line},
    };
    use sqlx::types::Json;
    use std::collections::BTreeSet;

    const COUNT: u32 = 40;

    async fn written(db: &PgPool, statement: &'static str) -> History {
        let uuids = |count| (0..count).map(|_| Uuid::now_v7()).collect();
        let history = History::new(COUNT, uuids(3), uuids(20)).unwrap();
        let mut connection = db.acquire().await.unwrap();
        sqlx::raw_sql(FUNCTIONS).execute(&mut *connection).await.unwrap();
        history.batch(statement, 0).execute(&mut *connection).await.unwrap();
        history
    }

    #[sqlx::test(migrations = "../order-service/migrations")]
    async fn events_have_the_format_of_order_service(db: PgPool) {
        written(&db, ORDERS).await;
        let events: Vec<(Uuid, Uuid, i32, String)> =
            sqlx::query_as("select id, order_id, version, body::text from order_events order by 2, 3")
                .fetch_all(&db)
                .await
                .unwrap();
        assert_eq!(events.len(), COUNT as usize * 4);
        for (index, (id, order_id, version, body)) in events.into_iter().enumerate() {
            let event = OrderEvent::decode(body.as_bytes()).unwrap();
            assert_eq!(serde_json::to_string(&event).unwrap(), body);
            assert_eq!((event.id.uuid(), event.order_id.uuid()), (id, order_id));
            assert_eq!((event.version as usize, version as usize), (index % 4 + 1, index % 4 + 1));
        }
    }

    #[sqlx::test(migrations = "../order-service/migrations")]
    async fn orders_are_old_and_half_of_a_small_history_is_of_the_customers(db: PgPool) {
        type Row = (Uuid, Uuid, Json<Vec<Item>>, Json<Vec<Line>>, i64);
        let history = written(&db, ORDERS).await;
        let orders: Vec<Row> = sqlx::query_as(
            "select id, user_id, items, lines, total_minor from orders order by created_at, id",
        )
        .fetch_all(&db)
        .await
        .unwrap();
        assert!(orders.is_sorted_by_key(|(id, ..)| *id) && orders[39].0 < history.end().unwrap());
        let own = orders.iter().filter(|(_, user, ..)| history.customers.contains(user));
        assert_eq!(own.count(), 20);
        for (_, _, items, lines, total) in &orders {
            let ordered: BTreeSet<_> = items.iter().map(|item| item.product_id).collect();
            let charged: i64 = lines.iter().map(|line| line.total.amount_minor).sum();
            assert_eq!((ordered.len(), charged), (lines.len(), *total));
        }
    }

    #[sqlx::test(migrations = "../catalog-service/migrations")]
    async fn each_order_has_a_reservation(db: PgPool) {
        written(&db, RESERVATIONS).await;
        let count = sqlx::query_scalar("select count(*) from reservations");
        assert_eq!(count.fetch_one(&db).await.ok(), Some(i64::from(COUNT)));
    }

    #[sqlx::test(migrations = "../payment-worker/migrations")]
    async fn each_order_has_a_charge(db: PgPool) {
        written(&db, CHARGES).await;
        let count = sqlx::query_scalar("select count(*) from charges");
        assert_eq!(count.fetch_one(&db).await.ok(), Some(i64::from(COUNT)));
    }
}

//! The table `orders`.

use super::{corrupt, first_id_at};
use chrono::{DateTime, Duration, Utc};
use contract::{
    ids::{OrderId, UserId},
    money::Money,
    orders::{Address, Item, Line, Order, OrderStatus},
};
use sqlx::{PgExecutor, PgPool, types::Json};
use std::{collections::HashMap, sync::LazyLock};
use uuid::Uuid;

/// A row of the table.
struct Row {
    id: Uuid,
    user_id: Uuid,
    status: String,
    version: i32,
    attempt: i32,
    items: Json<Vec<Item>>,
    codes: Option<Json<Vec<String>>>,
    lines: Option<Json<Vec<Line>>>,
    total_minor: Option<i64>,
    currency: Option<String>,
    expected_minor: Option<i64>,
    expected_currency: Option<String>,
    payment_method: String,
    shipping_address: Option<Json<Address>>,
    note: Option<String>,
    reason: Option<String>,
    detail: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Order {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            status: row.status.parse().map_err(corrupt)?,
            version: u32::try_from(row.version).map_err(corrupt)?,
            attempt: u32::try_from(row.attempt).map_err(corrupt)?,
            items: row.items.0,
            codes: row.codes.map(|codes| codes.0).unwrap_or_default(),
            lines: row.lines.map(|lines| lines.0),
            total: money(row.total_minor, row.currency)?,
            expected_total: money(row.expected_minor, row.expected_currency)?,
            payment_method: row.payment_method,
            shipping_address: row.shipping_address.map(|address| address.0),
            note: row.note,
            reason: row.reason,
            detail: row.detail,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn money(amount_minor: Option<i64>, currency: Option<String>) -> Result<Option<Money>, sqlx::Error> {
    amount_minor
        .zip(currency)
        .map(|(amount_minor, currency)| {
            Ok(Money { amount_minor, currency: currency.parse().map_err(corrupt)? })
        })
        .transpose()
}

fn all(rows: Vec<Row>) -> Result<Vec<Order>, sqlx::Error> {
    rows.into_iter().map(Order::try_from).collect()
}

/// Finds an order.
pub(crate) async fn find(db: impl PgExecutor<'_>, id: OrderId) -> Result<Option<Order>, sqlx::Error> {
    Ok(find_all(db, &[id.uuid()]).await?.remove(&id))
}

/// Finds the existing orders with these ids.
pub(crate) async fn find_all(
    db: impl PgExecutor<'_>,
    ids: &[Uuid],
) -> Result<HashMap<OrderId, Order>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query_as!(
        Row,
        r#"select id, user_id, status, version, attempt, items as "items: Json<Vec<Item>>",
                  codes as "codes: Json<Vec<String>>", lines as "lines: Json<Vec<Line>>", total_minor, currency,
                  expected_minor, expected_currency,
                  payment_method, shipping_address as "shipping_address: Json<Address>", note, reason, detail,
                  created_at, updated_at
           from orders where id = any($1)"#,
        ids
    )
    .fetch_all(db)
    .await?;
    Ok(all(rows)?.into_iter().map(|order| (order.id, order)).collect())
}

/// All statuses, for queries that read a customer's latest orders in each status.
///
/// These queries compare the pair of status and id. With a comparison of the id alone, PostgreSQL may scan
/// the orders of all customers. It does so if it estimates that many orders belong to this customer.
static STATUSES: LazyLock<Vec<String>> =
    LazyLock::new(|| OrderStatus::ALL.iter().map(|status| status.as_str().to_owned()).collect());

/// Lists a customer's orders that are older than `before`, newest first.
///
/// Without a status, the ids come from the index alone. The rows are then read from the disk together.
pub(crate) async fn list_of_user(
    db: &PgPool,
    user_id: UserId,
    status: Option<OrderStatus>,
    before: Option<OrderId>,
    limit: i64,
) -> Result<Vec<Order>, sqlx::Error> {
    let before = before.map_or(Uuid::max(), OrderId::uuid);
    let rows = if let Some(status) = status {
        sqlx::query_as!(
            Row,
            r#"select id, user_id, status, version, attempt, items as "items: Json<Vec<Item>>",
                      codes as "codes: Json<Vec<String>>", lines as "lines: Json<Vec<Line>>", total_minor, currency,
                      expected_minor, expected_currency,
                      payment_method, shipping_address as "shipping_address: Json<Address>", note, reason, detail,
                      created_at, updated_at
               from orders
               where user_id = $1 and id < $2 and status = $3
               order by id desc limit $4"#,
            user_id.uuid(),
            before,
            status.as_str(),
            limit
        )
        .fetch_all(db)
        .await?
    } else {
        sqlx::query_as!(
            Row,
            r#"select id as "id!", user_id as "user_id!", status as "status!", version as "version!",
                      attempt as "attempt!", items as "items!: Json<Vec<Item>>",
                      codes as "codes: Json<Vec<String>>", lines as "lines: Json<Vec<Line>>",
                      total_minor, currency, expected_minor, expected_currency, payment_method as "payment_method!",
                      shipping_address as "shipping_address: Json<Address>", note, reason, detail,
                      created_at as "created_at!", updated_at as "updated_at!"
               from orders_at_once($1, array(
                   select of_status.id
                   from unnest($4::text[]) as each (status), lateral (
                       select id from orders
                       where user_id = $1 and (orders.status, id) < (each.status, $2) and orders.status >= each.status
                       order by orders.status desc, id desc limit $3
                   ) as of_status
                   order by id desc limit $3
               ))
               order by id desc"#,
            user_id.uuid(),
            before,
            limit,
            &*STATUSES
        )
        .fetch_all(db)
        .await?
    };
    all(rows)
}

/// Lists all orders that are older than `before`, newest first.
///
/// Almost all orders are completed, so a scan by id finds enough of them quickly. For the other statuses
/// there is an index.
pub(crate) async fn list_all(
    db: impl PgExecutor<'_>,
    status: Option<OrderStatus>,
    before: Option<OrderId>,
    limit: i64,
) -> Result<Vec<Order>, sqlx::Error> {
    let before = before.map_or(Uuid::max(), OrderId::uuid);
    let rows = match status {
        None | Some(OrderStatus::Completed) => {
            sqlx::query_as!(
                Row,
                r#"select id, user_id, status, version, attempt, items as "items: Json<Vec<Item>>",
                          codes as "codes: Json<Vec<String>>", lines as "lines: Json<Vec<Line>>", total_minor, currency,
                          expected_minor, expected_currency,
                          payment_method, shipping_address as "shipping_address: Json<Address>", note, reason, detail,
                          created_at, updated_at
                   from orders
                   where id < $1 and ($2::text is null or status = $2)
                   order by id desc limit $3"#,
                before,
                status.map(OrderStatus::as_str),
                limit
            )
            .fetch_all(db)
            .await?
        }
        Some(status) => {
            sqlx::query_as!(
                Row,
                r#"select id, user_id, status, version, attempt, items as "items: Json<Vec<Item>>",
                          codes as "codes: Json<Vec<String>>", lines as "lines: Json<Vec<Line>>", total_minor, currency,
                          expected_minor, expected_currency,
                          payment_method, shipping_address as "shipping_address: Json<Address>", note, reason, detail,
                          created_at, updated_at
                   from orders
                   where status = $1 and status <> 'completed' and id < $2
                   order by id desc limit $3"#,
                status.as_str(),
                before,
                limit
            )
            .fetch_all(db)
            .await?
        }
    };
    all(rows)
}

/// Lists the orders of a customer's snapshot: orders that are not final, and orders that changed since
/// `since`. Returns the latest `limit` of them, oldest first.
///
/// An order that changed since then was placed at most a day earlier, or it changed late. The few late
/// changes have their own index, so the query does not read a long history.
pub(crate) async fn current_of_user(
    db: impl PgExecutor<'_>,
    user_id: UserId,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Order>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"with current as (
               (
                   select of_status.id
                   from unnest($5::text[]) as each (status), lateral (
                       select id from orders
                       where user_id = $1 and (orders.status, id) >= (each.status, $3) and orders.status <= each.status
                         and updated_at >= $2
                       order by orders.status desc, id desc limit $4
                   ) as of_status
               ) union (
                   select id from orders
                   where user_id = $1 and updated_at >= $2 and updated_at - created_at > interval '24 hours'
                   order by updated_at desc limit $4
               ) union (
                   select of_status.id
                   from unnest(array['new', 'reserved', 'paid', 'payment_failed', 'refund_requested']) as moving (status),
                        lateral (
                            select id from orders
                            where user_id = $1 and orders.status >= moving.status and orders.status <= moving.status
                            order by orders.status desc, id desc limit $4
                        ) as of_status
               )
           )
           select id, user_id, status, version, attempt, items as "items: Json<Vec<Item>>",
                  codes as "codes: Json<Vec<String>>", lines as "lines: Json<Vec<Line>>", total_minor, currency,
                  expected_minor, expected_currency,
                  payment_method, shipping_address as "shipping_address: Json<Address>", note, reason, detail,
                  created_at, updated_at
           from orders
           where id = any(array(select id from current order by id desc limit $4))
           order by id"#,
        user_id.uuid(),
        since,
        first_id_at(since - Duration::hours(24)),
        limit,
        &*STATUSES
    )
    .fetch_all(db)
    .await?;
    all(rows)
}

/// Lists a customer's orders that changed since `since`, with their versions. Returns up to `limit` orders
/// after the order `after`, oldest first. Like [`current_of_user`], it does not read a long history.
pub(crate) async fn changed_of_user(
    db: impl PgExecutor<'_>,
    user_id: UserId,
    since: DateTime<Utc>,
    after: Option<OrderId>,
    limit: i64,
) -> Result<Vec<(OrderId, u32)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id!", version as "version!" from ((
               select of_status.id, of_status.version
               from unnest($6::text[]) as each (status), lateral (
                   select id, version from orders
                   where user_id = $1 and (orders.status, id) > (each.status, greatest($3::uuid, $5::uuid))
                     and orders.status <= each.status and updated_at >= $2
                   order by orders.status, id limit $4
               ) as of_status
           ) union (
               select id, version from orders
               where user_id = $1 and updated_at >= $2 and updated_at - created_at > interval '24 hours' and id > $3
               order by id limit $4
           )) as changed order by id limit $4"#,
        user_id.uuid(),
        since,
        after.map_or(Uuid::nil(), OrderId::uuid),
        limit,
        first_id_at(since - Duration::hours(24)),
        &*STATUSES
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(|row| Ok((row.id.into(), u32::try_from(row.version).map_err(corrupt)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::testing::{moved, placed},
        domain::status::{self, Command},
    };
    use contract::{
        events::{CancelledBy, Change},
        orders::RejectReason,
    };
    use sqlx::PgConnection;

    #[sqlx::test(migrations = "./migrations")]
    async fn a_stored_order_is_read_back_unchanged(db: PgPool) {
        let (order, _) = placed(&db, UserId::new()).await;
        assert_eq!(find(&db, order.id).await.unwrap(), Some(order));
        assert_eq!(find(&db, OrderId::new()).await.unwrap(), None);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn all_fields_that_a_transition_changes_are_stored(db: PgPool) {
        let (mut order, _) = placed(&db, UserId::new()).await;
        let total = Money { amount_minor: 900, currency: "EUR".parse().unwrap() };
        let command = Command::Reserve { lines: Vec::new(), total };
        let change = status::decide(&order, command).unwrap().unwrap();
        let event = status::apply(&mut order, change, Utc::now());
        assert!(moved(&db, &order, event).await);
        let stored = find(&db, order.id).await.unwrap().unwrap();
        assert_eq!(stored, order);
        assert_eq!((stored.status, stored.version, stored.total), (OrderStatus::Reserved, 2, Some(total)));
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_rejected_order_keeps_the_detail_for_its_customer(db: PgPool) {
        let (mut order, _) = placed(&db, UserId::new()).await;
        let detail = "Tea: 1 left, 2 ordered.".to_owned();
        let change = Change::Rejected { reason: RejectReason::OutOfStock, detail: detail.clone() };
        let event = status::apply(&mut order, change, Utc::now());
        assert!(moved(&db, &order, event).await);
        let stored = find(&db, order.id).await.unwrap().unwrap();
        assert_eq!((stored.reason.as_deref(), stored.detail), (Some("out_of_stock"), Some(detail)));
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn the_list_of_a_user_has_only_their_orders_newest_first(db: PgPool) {
        let (ada, grace) = (UserId::new(), UserId::new());
        let mut of_ada = Vec::new();
        for _ in 0..3 {
            of_ada.push(placed(&db, ada).await.0.id);
            placed(&db, grace).await;
        }
        let ids = |orders: Vec<Order>| orders.into_iter().map(|order| order.id).collect::<Vec<_>>();
        let first = ids(list_of_user(&db, ada, None, None, 2).await.unwrap());
        assert_eq!(first, [of_ada[2], of_ada[1]]);
        let rest = ids(list_of_user(&db, ada, None, Some(first[1]), 2).await.unwrap());
        assert_eq!(rest, [of_ada[0]]);
        let new = ids(list_of_user(&db, ada, Some(OrderStatus::New), Some(of_ada[2]), 9).await.unwrap());
        assert_eq!(new, [of_ada[1], of_ada[0]]);
        assert!(list_of_user(&db, ada, Some(OrderStatus::Paid), None, 9).await.unwrap().is_empty());
        assert_eq!(list_all(&db, None, None, 100).await.unwrap().len(), 6);
        assert!(list_all(&db, Some(OrderStatus::Paid), None, 100).await.unwrap().is_empty());
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_snapshot_has_unfinished_and_recent_orders(db: PgPool) {
        let ada = UserId::new();
        let (moving, _) = placed(&db, ada).await;
        let (mut ended, _) = placed(&db, ada).await;
        let event = status::apply(
            &mut ended,
            Change::Cancelled { by: CancelledBy::Customer, reason: None },
            Utc::now(),
        );
        assert!(moved(&db, &ended, event).await);

        let ids = |orders: Vec<Order>| orders.into_iter().map(|order| order.id).collect::<Vec<_>>();
        let since = Utc::now() - chrono::Duration::hours(1);
        assert_eq!(ids(current_of_user(&db, ada, since, 9).await.unwrap()), [moving.id, ended.id]);
        let later = Utc::now() + chrono::Duration::hours(1);
        assert_eq!(ids(current_of_user(&db, ada, later, 9).await.unwrap()), [moving.id]);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn changed_orders_are_read_page_by_page(db: PgPool) {
        let ada = UserId::new();
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(placed(&db, ada).await.0.id);
        }
        placed(&db, UserId::new()).await;
        let old = "update orders set updated_at = now() - interval '1 day' where id = $1";
        sqlx::query(old).bind(ids[1].uuid()).execute(&db).await.unwrap();

        let since = Utc::now() - Duration::hours(1);
        let page = async |after| changed_of_user(&db, ada, since, after, 1).await.unwrap();
        assert_eq!(page(None).await, [(ids[0], 1)]);
        assert_eq!(page(Some(ids[0])).await, [(ids[2], 1)]);
        assert_eq!(page(Some(ids[2])).await, []);
    }

    /// Creates `count` completed orders, two hours apart. The last one is three days old.
    async fn history(db: &PgPool, user_id: UserId, count: i32) {
        let insert = "insert into orders (id, user_id, status, version, attempt, items, payment_method, created_at, updated_at)
             select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7000800000000000000a')::uuid,
                    $1, 'completed', 4, 1, '[]', 'pm_card_visa', at, at + interval '1 second'
             from (select now() - interval '3 days' - number * interval '2 hours' as at
                   from generate_series(1, $2) as number) as placed";
        sqlx::query(insert).bind(user_id.uuid()).bind(count).execute(db).await.unwrap();
        sqlx::query("analyze orders").execute(db).await.unwrap();
    }

    /// Counts the rows of the table that a query reads.
    async fn rows_read(
        db: &PgPool,
        query: impl AsyncFnOnce(&mut PgConnection) -> Vec<Order>,
    ) -> (i64, Vec<Order>) {
        let mut transaction = db.begin().await.unwrap();
        // All connections of the service have the first setting. The second one makes PostgreSQL plan without the
        // parameters, as it does after the first executions of a statement.
        for setting in ["set local enable_seqscan = off", "set local plan_cache_mode = force_generic_plan"] {
            sqlx::query(setting).execute(&mut *transaction).await.unwrap();
        }
        let found = query(&mut transaction).await;
        let count = "select (seq_tup_read + idx_tup_fetch)::bigint from pg_stat_xact_user_tables where relname = 'orders'";
        (sqlx::query_scalar(count).fetch_one(&mut *transaction).await.unwrap(), found)
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_list_by_status_does_not_read_the_completed_orders(db: PgPool) {
        history(&db, UserId::new(), 2_000).await;
        let (order, _) = placed(&db, UserId::new()).await;
        for (status, expected) in [(OrderStatus::New, vec![order.id]), (OrderStatus::Refunded, Vec::new())] {
            let listed = async |db: &mut PgConnection| list_all(db, Some(status), None, 20).await.unwrap();
            let (read, found) = rows_read(&db, listed).await;
            assert_eq!(found.iter().map(|order| order.id).collect::<Vec<_>>(), expected, "{status}");
            assert!(read < 20, "{status}: {read} rows read");
        }
        let completed =
            async |db: &mut PgConnection| list_all(db, Some(OrderStatus::Completed), None, 20).await.unwrap();
        let (read, found) = rows_read(&db, completed).await;
        assert!(found.len() == 20 && read < 40, "{} of {read} rows read", found.len());
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_snapshot_does_not_read_a_long_history(db: PgPool) {
        let ada = UserId::new();
        history(&db, ada, 2_000).await;
        let (moving, _) = placed(&db, ada).await;
        let oldest: Uuid = sqlx::query_scalar(
            "update orders set updated_at = now(), status = 'refunded' \
             where id = (select id from orders order by id limit 1) returning id",
        )
        .fetch_one(&db)
        .await
        .unwrap();
        let since = Utc::now() - Duration::hours(24);
        let current = async |db: &mut PgConnection| current_of_user(db, ada, since, 100).await.unwrap();
        let (read, found) = rows_read(&db, current).await;
        assert_eq!(found.iter().map(|order| order.id).collect::<Vec<_>>(), [oldest.into(), moving.id]);
        assert!(read < 20, "{read} rows read");
    }
}

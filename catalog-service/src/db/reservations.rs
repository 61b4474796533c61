//! Reservations and the stock that they hold.
//!
//! A group of requests first reads reservations and products without locks, and then decides. One statement
//! writes the decisions if they are still valid. So a popular product is locked only while this statement runs.
//!
//! Replicas do not deadlock, because every such statement locks rows in the same sequence. It locks existing
//! reservations first, then products, then new reservations. It sorts each of these by id.

use super::products;
use crate::domain::{
    reservation,
    warehouse::{Refusal, Request, Standing, Warehouse},
};
use contract::{
    catalog::{Reservation, ReservationStatus},
    ids::OrderId,
    orders::Line,
};
use sqlx::{PgConnection, types::Json};
use std::collections::{BTreeSet, HashMap};
use storage::group_commit::Write;
use uuid::Uuid;

/// The constraint that a second reservation of an order violates.
const RESERVATION_KEY: &str = "reservations_pkey";

type Answer = Result<Standing, Refusal>;

impl Write for Request {
    type Answer = Answer;

    async fn commit(requests: &[Self], db: &mut PgConnection) -> Result<Vec<Answer>, sqlx::Error> {
        // A writer that loses the compare-and-set retries. Another writer made progress, so the loop ends.
        loop {
            if let Some(answers) = carry_out(requests, db).await? {
                return Ok(answers);
            }
        }
    }
}

/// Carries out the requests one after the other. Returns `None` and writes nothing if a concurrent change has
/// made a decision invalid.
async fn carry_out(requests: &[Request], db: &mut PgConnection) -> Result<Option<Vec<Answer>>, sqlx::Error> {
    let wanted: BTreeSet<_> = requests.iter().flat_map(Request::product_ids).collect();
    let offers = if wanted.is_empty() { Vec::new() } else { products::offers(db, wanted).await? };
    // Reservations are read after the offers. If one of these orders has already taken pieces, the offers
    // lack these pieces. This query then finds the reservation.
    let orders: BTreeSet<_> = requests.iter().map(Request::order_id).collect();
    let reservations = find_all(db, orders).await?;

    let mut warehouse = Warehouse::new(reservations, offers);
    let answers: Vec<_> = requests.iter().map(|request| warehouse.carry_out(request)).collect();
    Ok(write(db, &warehouse).await?.then_some(answers))
}

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

/// Finds the existing reservations of these orders.
pub(crate) async fn find_all(
    connection: &mut PgConnection,
    orders: impl IntoIterator<Item = OrderId>,
) -> Result<HashMap<OrderId, Reservation>, sqlx::Error> {
    let orders: Vec<_> = orders.into_iter().map(Uuid::from).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT order_id, status AS "status: Status", lines AS "lines: Json<Vec<Line>>"
           FROM reservations
           WHERE order_id = ANY($1)"#,
        &orders,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.order_id.into(), row.into())).collect())
}

/// Writes all changes or nothing. Returns `false` if a concurrent change has made a decision invalid.
async fn write(connection: &mut PgConnection, warehouse: &Warehouse) -> Result<bool, sqlx::Error> {
    let (made, settled, moved) = (warehouse.made(), warehouse.settled(), warehouse.moved());
    if made.is_empty() && settled.is_empty() {
        return Ok(true);
    }
    let written = sqlx::query_scalar!(
        r#"WITH settling AS (
               SELECT order_id
               FROM reservations
               JOIN unnest($4::uuid[], $5::text[]) AS settled (order_id, was) USING (order_id)
               WHERE status = was
               ORDER BY order_id
               FOR UPDATE OF reservations
           ), stock AS (
               SELECT products.on_hand + moved.on_hand >= products.reserved + moved.reserved
                      AND (as_of IS NULL OR as_of = updated_at AND deleted_at IS NULL) AS fits
               FROM products
               JOIN unnest($7::uuid[], $8::bigint[], $9::bigint[], $10::timestamptz[])
                    AS moved (id, on_hand, reserved, as_of) USING (id)
               -- Which has all of those locked before any of these.
               WHERE (SELECT count(*) FROM settling) = cardinality($4)
               ORDER BY id
               FOR UPDATE OF products
           ), still AS MATERIALIZED (
               SELECT (SELECT count(*) FROM settling) = cardinality($4)
                      AND coalesce((SELECT bool_and(fits) FROM stock), true) AS so
           ), made AS (
               INSERT INTO reservations (order_id, status, lines)
               SELECT made.*
               FROM still, unnest($1::uuid[], $2::text[], $3::jsonb[]) AS made (order_id, status, lines)
               WHERE so
               ORDER BY order_id
           ), settled AS (
               UPDATE reservations SET status = settled.status, updated_at = now()
               FROM still, unnest($4::uuid[], $6::text[]) AS settled (order_id, status)
               WHERE so AND reservations.order_id = settled.order_id
           ), moved AS (
               UPDATE products
               SET on_hand = products.on_hand + moved.on_hand, reserved = products.reserved + moved.reserved
               FROM still, unnest($7::uuid[], $8::bigint[], $9::bigint[]) AS moved (id, on_hand, reserved)
               WHERE so AND products.id = moved.id
           )
           SELECT so AS "so!" FROM still"#,
        &column(&made, |reservation| reservation.order_id.uuid()),
        &column(&made, |reservation| Status::from(reservation.status)) as _,
        &column(&made, |reservation| Json(&reservation.lines)) as _,
        &column(&settled, |settled| settled.order_id.uuid()),
        &column(&settled, |settled| Status::from(settled.from)) as _,
        &column(&settled, |settled| Status::from(settled.to)) as _,
        &column(&moved, |(product_id, _)| product_id.uuid()),
        &column(&moved, |(_, pieces)| pieces.on_hand),
        &column(&moved, |(_, pieces)| pieces.reserved),
        &column(&moved, |(_, pieces)| pieces.as_of) as _,
    )
    .fetch_one(connection)
    .await;
    match written {
        // Another replica has inserted one of the reservations. PostgreSQL waits for an insert that is in
        // progress.
        Err(sqlx::Error::Database(error)) if error.constraint() == Some(RESERVATION_KEY) => Ok(false),
        written => written,
    }
}

/// Collects one column of the rows to write, for `unnest`.
fn column<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::audit::{Books, books},
        domain::{
            product::Details,
            reservation::{Demand, sum},
        },
    };
    use contract::{
        catalog::ReservationRequest,
        ids::ProductId,
        money::Money,
        orders::{Item, RejectReason},
    };
    use sqlx::PgPool;
    use std::time::{Duration, Instant};

    async fn stocked(pool: &PgPool, sku: &str, on_hand: i64) -> Line {
        let unit_price = Money { amount_minor: 1, currency: "EUR".parse().unwrap() };
        let details = Details {
            sku: sku.into(),
            name: sku.into(),
            description: String::new(),
            category: "Tea".into(),
            price: unit_price,
        };
        let product_id = products::insert(pool, ProductId::new(), &details).await.unwrap().product.id;
        let mut connection = pool.acquire().await.unwrap();
        products::set_on_hand(&mut connection, product_id, on_hand).await.unwrap();
        Line::at_list_price(product_id, sku.into(), "Tea".into(), 1, unit_price)
    }

    fn reserve(order_id: OrderId, lines: &[&Line]) -> Request {
        let items =
            lines.iter().map(|line| Item { product_id: line.product_id, quantity: line.quantity }).collect();
        let request = ReservationRequest { order_id, items, expected_total: None };
        Request::Reserve(Demand::parse(request).unwrap())
    }

    fn reservation(order_id: OrderId, status: ReservationStatus, lines: &[&Line]) -> Reservation {
        let lines: Vec<_> = lines.iter().copied().cloned().collect();
        Reservation { order_id, status, total: sum(&lines), lines }
    }

    fn made(order_id: OrderId, lines: &[&Line]) -> Standing {
        let reservation = reservation(order_id, ReservationStatus::Held, lines);
        Standing { reservation, is_new: true }
    }

    fn existing(order_id: OrderId, status: ReservationStatus, lines: &[&Line]) -> Standing {
        Standing { reservation: reservation(order_id, status, lines), is_new: false }
    }

    fn assert_out_of_stock(answer: &Answer, detail: &str) {
        let Err(Refusal::Unmet(refusal)) = answer else { panic!("{answer:?}") };
        assert_eq!((refusal.reason, refusal.detail.as_str()), (RejectReason::OutOfStock, detail));
    }

    async fn together(pool: &PgPool, requests: Vec<Request>) -> Vec<Answer> {
        Request::commit(&requests, &mut pool.acquire().await.unwrap()).await.unwrap()
    }

    async fn found(pool: &PgPool, order_id: OrderId) -> Option<Reservation> {
        find_all(&mut pool.acquire().await.unwrap(), [order_id]).await.unwrap().remove(&order_id)
    }

    /// Returns the pieces on hand and how many of them are reserved.
    async fn stock(pool: &PgPool, line: &Line) -> (i64, i64) {
        let Books { on_hand, reserved, held, .. } = books(pool, line.product_id).await;
        assert_eq!(reserved, held);
        (on_hand, reserved)
    }

    #[sqlx::test]
    async fn a_refused_demand_does_not_affect_others(pool: PgPool) {
        let (tea, cup) = (stocked(&pool, "Tea", 10).await, stocked(&pool, "Cup", 0).await);
        let (ada, grace, joan) = (OrderId::new(), OrderId::new(), OrderId::new());
        let requests = vec![reserve(ada, &[&tea]), reserve(grace, &[&tea, &cup]), reserve(joan, &[&tea])];
        let answers = together(&pool, requests).await;
        assert_eq!(answers[0], Ok(made(ada, &[&tea])));
        assert_eq!(answers[2], Ok(made(joan, &[&tea])));
        assert_out_of_stock(&answers[1], "Cup: 0 left, 1 ordered.");
        assert_eq!((stock(&pool, &tea).await, stock(&pool, &cup).await), ((10, 2), (0, 0)));
        assert_eq!(found(&pool, grace).await, None);
    }

    #[sqlx::test]
    async fn the_first_request_gets_the_last_piece(pool: PgPool) {
        let tea = stocked(&pool, "Tea", 1).await;
        let (ada, grace) = (OrderId::new(), OrderId::new());
        let answers = together(&pool, vec![reserve(ada, &[&tea]), reserve(grace, &[&tea])]).await;
        assert_eq!(answers[0], Ok(made(ada, &[&tea])));
        assert_out_of_stock(&answers[1], "Tea: 0 left, 1 ordered.");
        assert_eq!(stock(&pool, &tea).await, (1, 1));

        let requests = vec![reserve(grace, &[&tea]), Request::Release(ada), reserve(grace, &[&tea])];
        let answers = together(&pool, requests).await;
        assert_out_of_stock(&answers[0], "Tea: 0 left, 1 ordered.");
        assert_eq!(answers[1], Ok(existing(ada, ReservationStatus::Released, &[&tea])));
        assert_eq!(answers[2], Ok(made(grace, &[&tea])), "released pieces are available to the next request");
        assert_eq!(stock(&pool, &tea).await, (1, 1));
    }

    #[sqlx::test]
    async fn an_order_reserves_once(pool: PgPool) {
        let (tea, cup) = (stocked(&pool, "Tea", 1).await, stocked(&pool, "Cup", 10).await);
        let order = OrderId::new();
        let held = Ok(existing(order, ReservationStatus::Held, &[&tea]));
        let twice = vec![reserve(order, &[&tea]), reserve(order, &[&tea]), reserve(order, &[&cup])];
        let answers = together(&pool, twice).await;
        assert_eq!(answers[0], Ok(made(order, &[&tea])));
        assert_eq!((&answers[1], &answers[2]), (&held, &held));
        assert_eq!(together(&pool, vec![reserve(order, &[&cup])]).await, [held]);
        assert_eq!((stock(&pool, &tea).await, stock(&pool, &cup).await), ((1, 1), (10, 0)));
    }

    #[sqlx::test]
    async fn one_group_may_reserve_commit_and_release_an_order(pool: PgPool) {
        use ReservationStatus::{Committed, Released};
        let tea = stocked(&pool, "Tea", 10).await;
        let (sent, returned, overtaken) = (OrderId::new(), OrderId::new(), OrderId::new());
        let requests = vec![
            reserve(sent, &[&tea]),
            Request::Commit(sent),
            reserve(returned, &[&tea]),
            Request::Commit(returned),
            Request::Release(returned),
            Request::Release(overtaken),
            reserve(overtaken, &[&tea]),
        ];
        let expected = [
            made(sent, &[&tea]),
            existing(sent, Committed, &[&tea]),
            made(returned, &[&tea]),
            existing(returned, Committed, &[&tea]),
            existing(returned, Released, &[&tea]),
            existing(overtaken, Released, &[]),
            existing(overtaken, Released, &[]),
        ];
        assert_eq!(together(&pool, requests).await, expected.map(Ok));
        assert_eq!(stock(&pool, &tea).await, (9, 0));
        assert_eq!(found(&pool, sent).await, Some(reservation(sent, Committed, &[&tea])));
        assert_eq!(found(&pool, returned).await, Some(reservation(returned, Released, &[&tea])));
        assert_eq!(found(&pool, overtaken).await, Some(reservation(overtaken, Released, &[])));
    }

    #[sqlx::test]
    async fn several_reservations_change_status_in_one_group(pool: PgPool) {
        use ReservationStatus::{Committed, Released};
        let (tea, cup) = (stocked(&pool, "Tea", 10).await, stocked(&pool, "Cup", 10).await);
        let [held, other, committed, released, unknown] = std::array::from_fn(|_| OrderId::new());
        let both = [&tea, &cup];
        let orders = [held, other, committed, released];
        together(&pool, orders.map(|order| reserve(order, &both)).into()).await;
        together(&pool, vec![Request::Commit(committed), Request::Release(released)]).await;
        assert_eq!(stock(&pool, &tea).await, (9, 2));

        let requests = vec![
            Request::Commit(committed),
            Request::Commit(held),
            Request::Commit(unknown),
            Request::Commit(released),
            Request::Commit(held),
            Request::Release(other),
            Request::Release(released),
        ];
        let expected = [
            Ok(existing(committed, Committed, &both)),
            Ok(existing(held, Committed, &both)),
            Err(Refusal::NotReserved(unknown)),
            Err(Refusal::AlreadyReleased),
            Ok(existing(held, Committed, &both)),
            Ok(existing(other, Released, &both)),
            Ok(existing(released, Released, &both)),
        ];
        assert_eq!(together(&pool, requests).await, expected);
        assert_eq!((stock(&pool, &tea).await, stock(&pool, &cup).await), ((8, 0), (8, 0)));
        assert_eq!(found(&pool, unknown).await, None);
    }

    #[sqlx::test]
    async fn a_violated_constraint_rolls_back_the_whole_group(pool: PgPool) {
        let (tea, cup) = (stocked(&pool, "Tea", 10).await, stocked(&pool, "Cup", 10).await);
        let (ada, grace) = (OrderId::new(), OrderId::new());
        together(&pool, vec![reserve(ada, &[&tea])]).await;
        let wrong = sqlx::query("UPDATE products SET reserved = 0 WHERE id = $1");
        wrong.bind(tea.product_id.uuid()).execute(&pool).await.unwrap();
        let requests = [reserve(grace, &[&cup]), Request::Release(ada)];
        let mut connection = pool.acquire().await.unwrap();
        let error = Request::commit(&requests, &mut connection).await.unwrap_err();
        let violated = error.as_database_error().unwrap().constraint();
        assert_eq!(violated, Some("products_reserved_not_negative"));
        assert_eq!((found(&pool, grace).await, stock(&pool, &cup).await), (None, (10, 0)));
    }

    #[sqlx::test]
    async fn a_decision_on_stale_rows_is_not_written(pool: PgPool) {
        let mut db = pool.acquire().await.unwrap();
        for (number, meanwhile) in [
            "UPDATE products SET price_minor = 2, updated_at = now()",
            "UPDATE products SET deleted_at = now()",
            "UPDATE products SET on_hand = reserved",
            "UPDATE reservations SET status = 'released'",
        ]
        .into_iter()
        .enumerate()
        {
            let line = stocked(&pool, &number.to_string(), 10).await;
            let (held, new) = (OrderId::new(), OrderId::new());
            together(&pool, vec![reserve(held, &[&line])]).await;
            let offers = products::offers(&mut db, [line.product_id]).await.unwrap();
            let mut warehouse = Warehouse::new(find_all(&mut db, [held, new]).await.unwrap(), offers);
            for request in [Request::Commit(held), reserve(new, &[&line])] {
                assert!(warehouse.carry_out(&request).is_ok());
            }
            sqlx::query(meanwhile).execute(&pool).await.unwrap();
            let before = books(&pool, line.product_id).await;
            assert!(!write(&mut db, &warehouse).await.unwrap(), "{meanwhile}");
            assert_eq!(books(&pool, line.product_id).await, before, "{meanwhile}");
        }
    }

    #[sqlx::test]
    async fn a_concurrent_reservation_of_another_replica_is_found(pool: PgPool) {
        let (last, cup) = (stocked(&pool, "Last", 1).await, stocked(&pool, "Cup", 10).await);
        // The replicas want the same product or different products, but always for the same order.
        for (theirs, ours) in [(&last, &last), (&cup, &last), (&last, &cup)] {
            let (order, other) = (OrderId::new(), OrderId::new());
            let mut transaction = pool.begin().await.unwrap();
            let reserved = carry_out(&[reserve(order, &[theirs])], &mut transaction).await.unwrap();
            assert_eq!(reserved, Some(vec![Ok(made(order, &[theirs]))]));
            let requests = vec![reserve(order, &[ours]), reserve(other, &[&cup])];
            let replica = pool.clone();
            let waiting = tokio::spawn(async move { together(&replica, requests).await });
            wait_for_a_blocked_backend(&pool).await;
            transaction.commit().await.unwrap();
            let expected = [existing(order, ReservationStatus::Held, &[theirs]), made(other, &[&cup])];
            assert_eq!(waiting.await.unwrap(), expected.map(Ok));
            together(&pool, vec![Request::Release(order)]).await;
        }
    }

    async fn wait_for_a_blocked_backend(pool: &PgPool) {
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
        panic!("no backend waits for a lock");
    }

    /// Checks that a writer waits for the first product before it locks the second. Otherwise it could
    /// deadlock with a writer that holds the first product.
    async fn assert_locks_the_first_product_first(
        pool: &PgPool,
        first: &Line,
        second: &Line,
        locks_both: impl Future<Output = ()> + Send + 'static,
    ) {
        let mut holder = pool.begin().await.unwrap();
        products::lock_stock(&mut holder, first.product_id).await.unwrap();
        let waiter = tokio::spawn(locks_both);
        wait_for_a_blocked_backend(pool).await;
        sqlx::query("SET LOCAL lock_timeout = '2s'").execute(&mut *holder).await.unwrap();
        products::lock_stock(&mut holder, second.product_id).await.unwrap();
        holder.rollback().await.unwrap();
        waiter.await.unwrap();
    }

    #[sqlx::test]
    async fn products_are_locked_in_the_order_of_their_ids(pool: PgPool) {
        let (first, second) = (stocked(&pool, "first", 10).await, stocked(&pool, "second", 10).await);
        let (one, two) = (OrderId::new(), OrderId::new());
        let groups = [
            vec![reserve(one, &[&second, &first]), reserve(two, &[&second])],
            vec![Request::Release(two), Request::Commit(one)],
        ];
        for requests in groups {
            let replica = pool.clone();
            assert_locks_the_first_product_first(&pool, &first, &second, async move {
                let answers = together(&replica, requests).await;
                assert!(answers.iter().all(Result::is_ok), "{answers:?}");
            })
            .await;
        }
        assert_eq!((stock(&pool, &first).await, stock(&pool, &second).await), ((9, 0), (9, 0)));
    }
}

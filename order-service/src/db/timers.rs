//! Finds orders that wait too long for a worker or for their payment.

use super::{corrupt, first_id_at};
use chrono::Utc;
use contract::{ids::OrderId, orders::OrderStatus};
use sqlx::PgPool;
use std::time::Duration;

/// The number of orders per query.
const BATCH: i64 = 100;

/// An order that waits for a worker.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) id: OrderId,
    pub(crate) status: OrderStatus,
    /// The number of reminders. A reminder publishes the last event again.
    pub(crate) nudges: i16,
}

/// Reminds workers of waiting orders: the last event of each order is published again. The first reminder
/// comes after `patience`, and each further one after twice the time, `most` times in total.
///
/// Only published events are repeated, because the relay handles the others. The bound on the id keeps the
/// index scan from reading orders that are younger than `patience`. After an outage there are many of them.
pub(crate) async fn remind(db: &PgPool, patience: Duration, most: i16) -> Result<Vec<Waiting>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with waiting as (
               select id, version, nudges from orders
               where status in ('new', 'reserved', 'paid', 'refund_requested') and id < $4
                 and updated_at < now() - make_interval(secs => $1)
                 and coalesce(told_at, updated_at) < now() - make_interval(secs => $1 * 2 ^ nudges)
                 and nudges < $2
                 and not exists (select from outbox where outbox.order_id = orders.id)
               order by updated_at limit $3
               for update skip locked
           ), told as (
               insert into outbox (order_id, version, telling, leased_until)
               select id, version, nudges + 1, now() from waiting
               on conflict do nothing
           )
           update orders set nudges = orders.nudges + 1, told_at = now()
           from waiting where orders.id = waiting.id
           returning orders.id, orders.status, orders.nudges"#,
        patience.as_secs_f64(),
        most,
        BATCH,
        first_id_at(Utc::now() - patience)
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Waiting {
                id: row.id.into(),
                status: row.status.parse().map_err(corrupt)?,
                nudges: row.nudges,
            })
        })
        .collect()
}

/// Publishes each event that releases stock and discounts six more times. The first time is after `patience`, and each
/// interval is twice as long as the last one. Returns the number of events.
///
/// The order is final, so it does not show whether a worker has handled the event. A message may wait on the
/// retry ladder for half an hour and then be lost with RabbitMQ's data. The stock would remain held. So the
/// repeats last for an hour.
///
/// Orders that ended more than a day ago are ignored. The previous release repeated their events only three
/// times.
pub(crate) async fn repeat_endings(db: &PgPool, patience: Duration) -> Result<u64, sqlx::Error> {
    let repeated = sqlx::query!(
        r#"with ending as (
               select id, version, nudges from orders
               where status in ('rejected', 'cancelled', 'refunded') and nudges < 6
                 and updated_at > now() - interval '1 day'
                 and coalesce(told_at, updated_at) < now() - make_interval(secs => $1 * 2 ^ nudges)
                 and not exists (select from outbox where outbox.order_id = orders.id)
               order by updated_at limit $2
               for update skip locked
           ), told as (
               insert into outbox (order_id, version, telling, leased_until)
               select id, version, nudges + 1, now() from ending
               on conflict do nothing
           )
           update orders set nudges = orders.nudges + 1, told_at = now()
           from ending where orders.id = ending.id"#,
        patience.as_secs_f64(),
        BATCH
    )
    .execute(db)
    .await?;
    Ok(repeated.rows_affected())
}

/// Finds orders that are still waiting after `most` reminders. Returns each order once, for the log.
pub(crate) async fn give_up(db: &PgPool, patience: Duration, most: i16) -> Result<Vec<Waiting>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with stuck as (
               select id from orders
               where status in ('new', 'reserved', 'paid', 'refund_requested') and id < $4
                 and updated_at < now() - make_interval(secs => $1)
                 and coalesce(told_at, updated_at) < now() - make_interval(secs => $1 * 2 ^ nudges)
                 and nudges = $2
                 and not exists (select from outbox where outbox.order_id = orders.id)
               order by updated_at limit $3
               for update skip locked
           )
           update orders set nudges = nudges + 1
           from stuck where orders.id = stuck.id
           returning orders.id, orders.status, orders.nudges"#,
        patience.as_secs_f64(),
        most,
        BATCH,
        first_id_at(Utc::now() - patience)
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Waiting {
                id: row.id.into(),
                status: row.status.parse().map_err(corrupt)?,
                nudges: row.nudges,
            })
        })
        .collect()
}

/// Counts the orders that the watchdog has given up on and that have not changed since.
pub(crate) async fn stuck(db: &PgPool, most: i16) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from orders
           where status in ('new', 'reserved', 'paid', 'refund_requested') and nudges > $1"#,
        most
    )
    .fetch_one(db)
    .await
}

/// Counts the orders that wait for a worker, up to `most`.
pub(crate) async fn waiting(db: &PgPool, most: u32) -> Result<u32, sqlx::Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (
               SELECT FROM orders WHERE status IN ('new', 'reserved', 'paid', 'refund_requested') LIMIT $1
           ) AS waiting"#,
        i64::from(most)
    )
    .fetch_one(db)
    .await?;
    u32::try_from(count).map_err(corrupt)
}

/// The times after which an unpaid order expires.
#[derive(Clone, Copy)]
pub(crate) struct Expiry {
    /// The time since the last change of the order.
    pub(crate) after_step: Duration,
    /// The time since the order was placed. Payment attempts do not extend it.
    pub(crate) after_placing: Duration,
}

/// The time that a payment in progress has to end after its order has become too old.
const PAYMENT_GRACE: Duration = Duration::from_mins(1);

/// Finds a batch of expired orders with their versions.
pub(crate) async fn unpaid(db: &PgPool, expiry: Expiry) -> Result<Vec<(OrderId, u32)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id!", version as "version!" from ((
               select id, version from orders
               where status in ('new', 'reserved', 'payment_failed') and id < $5
                 and updated_at < now() - make_interval(secs => $1)
               order by updated_at limit $4
           ) union (
               select id, version from orders
               where status in ('new', 'reserved', 'payment_failed') and id < $2
                 and (status = 'payment_failed' or updated_at < now() - make_interval(secs => $3))
               limit $4
           )) as expired limit $4"#,
        expiry.after_step.as_secs_f64(),
        first_id_at(Utc::now() - expiry.after_placing),
        PAYMENT_GRACE.as_secs_f64(),
        BATCH,
        first_id_at(Utc::now() - expiry.after_step)
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(|row| Ok((row.id.into(), u32::try_from(row.version).map_err(corrupt)?))).collect()
}

/// Returns whether there may be more orders than in this batch.
pub(crate) fn is_full(batch: &[(OrderId, u32)]) -> bool {
    i64::try_from(batch.len()).is_ok_and(|len| len >= BATCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{
        TABLES,
        testing::{cancelled, moved, placed},
    };
    use contract::{events::OrderEvent, ids::UserId, orders::Order};
    use storage::outbox::{Outbox, StoredEvent};

    const MINUTE: Duration = Duration::from_mins(1);

    /// Creates an order that was placed, and whose first event was published, this many minutes ago.
    async fn published(db: &PgPool, minutes: i32) -> (Order, OrderEvent) {
        let (mut order, mut event) = placed(db, UserId::new()).await;
        let then = first_id_at(Utc::now() - MINUTE * minutes.unsigned_abs());
        for older in [
            "update orders set id = $2 where id = $1",
            "update order_events set order_id = $2 where order_id = $1",
        ] {
            sqlx::query(older).bind(order.id.uuid()).bind(then).execute(db).await.unwrap();
        }
        (order.id, event.order_id) = (then.into(), then.into());
        age(db, minutes).await;
        (order, event)
    }

    /// Marks all events as published, and moves all times this many minutes into the past.
    async fn age(db: &PgPool, minutes: i32) {
        sqlx::query("delete from outbox").execute(db).await.unwrap();
        sqlx::query(
            "update orders set updated_at = now() - make_interval(mins => $1),
                told_at = case when told_at is not null then now() - make_interval(mins => $1) end",
        )
        .bind(minutes)
        .execute(db)
        .await
        .unwrap();
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn the_event_of_a_waiting_order_is_published_again(db: PgPool) {
        let (order, event) = published(&db, 2).await;
        let reminded = remind(&db, MINUTE, 3).await.unwrap();
        assert_eq!(reminded, [Waiting { id: order.id, status: OrderStatus::New, nudges: 1 }]);
        let claimed = Outbox::new(&db, TABLES).claim(10, MINUTE).await.unwrap();
        assert_eq!(
            claimed[0].stored.as_ref().unwrap().id,
            event.id.uuid(),
            "the same event, with the same id"
        );
        assert!(remind(&db, MINUTE, 3).await.unwrap().is_empty(), "the relay has to publish it first");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn reminders_come_at_growing_intervals_and_end(db: PgPool) {
        published(&db, 2).await;
        assert_eq!(remind(&db, MINUTE, 2).await.unwrap().len(), 1);
        age(&db, 1).await;
        assert!(remind(&db, MINUTE, 2).await.unwrap().is_empty(), "the next one comes after two minutes");
        age(&db, 3).await;
        assert_eq!(remind(&db, MINUTE, 2).await.unwrap().len(), 1);
        assert!(give_up(&db, MINUTE, 2).await.unwrap().is_empty(), "the last reminder needs time, too");

        age(&db, 60).await;
        assert!(remind(&db, MINUTE, 2).await.unwrap().is_empty());
        assert_eq!(stuck(&db, 2).await.unwrap(), 0);
        assert_eq!(give_up(&db, MINUTE, 2).await.unwrap().len(), 1);
        assert!(give_up(&db, MINUTE, 2).await.unwrap().is_empty(), "each order is returned once");
        assert_eq!(stuck(&db, 2).await.unwrap(), 1);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn an_event_that_releases_stock_is_repeated_six_times(db: PgPool) {
        let (order, _) = published(&db, 2).await;
        let (order, event) = cancelled(&order);
        assert!(moved(&db, &order, event.clone()).await);
        assert_eq!(repeat_endings(&db, MINUTE).await.unwrap(), 0, "it is not published yet");
        for minutes in [2, 3, 5, 9, 17, 33] {
            age(&db, minutes - 2).await;
            assert_eq!(repeat_endings(&db, MINUTE).await.unwrap(), 0, "too early");
            age(&db, minutes).await;
            assert_eq!(repeat_endings(&db, MINUTE).await.unwrap(), 1);
            let claimed = Outbox::new(&db, TABLES).claim(10, Duration::ZERO).await.unwrap();
            assert_eq!(claimed[0].stored, Some(StoredEvent::of(&event, None).unwrap()));
        }
        age(&db, 120).await;
        assert_eq!(repeat_endings(&db, MINUTE).await.unwrap(), 0, "not more than six times");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn young_unpublished_and_final_orders_get_no_reminder(db: PgPool) {
        published(&db, 60).await;
        age(&db, 0).await;
        assert!(remind(&db, MINUTE, 3).await.unwrap().is_empty(), "young");
        age(&db, 60).await;
        let unpublished = "insert into outbox (order_id, version) select order_id, version from order_events";
        sqlx::query(unpublished).execute(&db).await.unwrap();
        assert!(remind(&db, MINUTE, 3).await.unwrap().is_empty(), "unpublished");
        age(&db, 60).await;
        sqlx::query("update orders set status = 'completed'").execute(&db).await.unwrap();
        assert!(remind(&db, MINUTE, 3).await.unwrap().is_empty(), "final");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn only_unpaid_orders_expire(db: PgPool) {
        let (order, _) = published(&db, 31).await;
        let expiry = Expiry { after_step: 30 * MINUTE, after_placing: 60 * MINUTE };
        for (status, expires) in
            [("new", true), ("payment_failed", true), ("paid", false), ("completed", false)]
        {
            sqlx::query("update orders set status = $1").bind(status).execute(&db).await.unwrap();
            let expected = if expires { vec![(order.id, 1)] } else { Vec::new() };
            assert_eq!(unpaid(&db, expiry).await.unwrap(), expected, "{status}");
        }
        sqlx::query("update orders set status = 'new', updated_at = now()").execute(&db).await.unwrap();
        assert!(unpaid(&db, expiry).await.unwrap().is_empty(), "in time");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn failed_payments_do_not_extend_an_order_beyond_its_maximum_age(db: PgPool) {
        let (order, _) = placed(&db, UserId::new()).await;
        let expiry = Expiry { after_step: 30 * MINUTE, after_placing: Duration::ZERO };
        // The order was just placed, and its last change is younger than 30 minutes.
        let set = "update orders set status = $1, updated_at = now() - make_interval(secs => $2)";
        for (status, seconds, expires) in [
            ("payment_failed", 0.0, true),
            ("reserved", 0.0, false),
            ("reserved", 61.0, true),
            ("paid", 61.0, false),
        ] {
            sqlx::query(set).bind(status).bind(seconds).execute(&db).await.unwrap();
            let found = !unpaid(&db, expiry).await.unwrap().is_empty();
            assert_eq!(found, expires, "{status} for {seconds} s");
        }
        sqlx::query(set).bind("payment_failed").bind(61.0).execute(&db).await.unwrap();
        let younger = Expiry { after_placing: MINUTE, ..expiry };
        assert!(unpaid(&db, younger).await.unwrap().is_empty(), "{} is not a minute old", order.id);
    }
}

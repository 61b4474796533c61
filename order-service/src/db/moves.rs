//! Orders that were moved on, written together.

use super::column;
use common::{
    contract::{events::OrderEvent, orders::Order},
    database::group_commit::Write,
    trace::TraceContext,
};
use sqlx::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// An order after a transition, with the transition's event, to be written.
pub(crate) struct Move {
    order: Order,
    lines: Option<String>,
    event: OrderEvent,
    body: String,
    traceparent: Option<String>,
}

impl Move {
    pub(crate) fn of(order: &Order, event: OrderEvent) -> Result<Self, serde_json::Error> {
        Ok(Self {
            lines: order.lines.as_ref().map(serde_json::to_string).transpose()?,
            order: order.clone(),
            body: serde_json::to_string(&event)?,
            event,
            traceparent: TraceContext::current().map(|trace| trace.to_string()),
        })
    }
}

impl Write for Move {
    /// Whether it was written: not, if another writer has the order in hand or was faster.
    type Answer = bool;

    async fn commit(moves: &[Self], db: &mut PgConnection) -> Result<Vec<bool>, sqlx::Error> {
        // Of those of one order, which all saw it at the same version, the first.
        let mut orders = HashSet::new();
        let firsts: Vec<_> = moves.iter().filter(|one| orders.insert(one.order.id)).collect();
        let written = update(&firsts, db).await?;
        Ok(moves.iter().map(|one| written.contains(&one.event.id.uuid())).collect())
    }
}

/// One statement, which is one commit. Returns the events of those orders that were moved on.
async fn update(moves: &[&Move], db: &mut PgConnection) -> Result<HashSet<Uuid>, sqlx::Error> {
    let written = sqlx::query_scalar!(
        r#"with input as (
               select * from unnest(
                   $1::uuid[], $2::int[], $3::text[], $4::int[], $5::text[], $6::bigint[], $7::text[], $8::text[],
                   $9::text[], $10::timestamptz[], $11::uuid[], $12::text[], $13::text[]
               ) as input (
                   id, version, status, attempt, lines, total_minor, currency, payment_method,
                   reason, at, event_id, body, traceparent
               )
           ), found as (
               -- What somebody else has in hand is not waited for.
               select input.* from input join orders
                 on orders.id = input.id and orders.version = input.version - 1
               for update of orders skip locked
           ), moved as (
               update orders
               set status = found.status, version = found.version, attempt = found.attempt,
                   lines = found.lines::json, total_minor = found.total_minor, currency = found.currency,
                   payment_method = found.payment_method, reason = found.reason, updated_at = found.at
               from found where orders.id = found.id
           )
           insert into order_events (id, order_id, version, body, traceparent)
           select event_id, id, version, body::json, traceparent from found
           returning id"#,
        &column(moves, |one| one.order.id.uuid()),
        &column(moves, |one| one.order.version.cast_signed()),
        &column(moves, |one| one.order.status.as_str()) as _,
        &column(moves, |one| one.order.attempt.cast_signed()),
        &column(moves, |one| one.lines.as_deref()) as _,
        &column(moves, |one| one.order.total.map(|total| total.amount_minor)) as _,
        &column(moves, |one| one.order.total.map(|total| total.currency.to_string())) as _,
        &column(moves, |one| one.order.payment_method.as_str()) as _,
        &column(moves, |one| one.order.reason.as_deref()) as _,
        &column(moves, |one| one.order.updated_at),
        &column(moves, |one| one.event.id.uuid()),
        &column(moves, |one| one.body.as_str()) as _,
        &column(moves, |one| one.traceparent.as_deref()) as _,
    )
    .fetch_all(db)
    .await?;
    Ok(written.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::{
            orders,
            testing::{commit, placed},
        },
        domain::status,
    };
    use chrono::Utc;
    use common::contract::{
        events::{CancelledBy, Change},
        ids::{EventId, UserId},
        orders::OrderStatus,
    };
    use sqlx::PgPool;

    fn cancelled(order: &Order) -> (Order, OrderEvent) {
        let mut order = order.clone();
        let event = status::apply(&mut order, Change::Cancelled { by: CancelledBy::Customer }, Utc::now());
        (order, event)
    }

    fn completed(order: &Order) -> (Order, OrderEvent) {
        let mut order = order.clone();
        let event = status::apply(&mut order, Change::Completed {}, Utc::now());
        (order, event)
    }

    fn of((order, event): (Order, OrderEvent)) -> Move {
        Move::of(&order, event).unwrap()
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn of_two_writers_that_saw_the_same_order_one_wins(db: PgPool) {
        let (order, _) = placed(&db, UserId::new()).await;
        let (other, _) = placed(&db, UserId::new()).await;
        let together = [of(cancelled(&order)), of(cancelled(&other)), of(completed(&order))];
        assert_eq!(commit(&together, &db).await.unwrap(), [true, true, false]);
        assert_eq!(commit(&[of(completed(&order))], &db).await.unwrap(), [false]);
        let stored = orders::find(&db, order.id).await.unwrap().unwrap();
        assert_eq!((stored.status, stored.version), (OrderStatus::Cancelled, 2));
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn an_order_that_somebody_has_in_hand_holds_up_no_other(db: PgPool) {
        let (order, _) = placed(&db, UserId::new()).await;
        let (other, _) = placed(&db, UserId::new()).await;
        let mut theirs = db.begin().await.unwrap();
        let lock = sqlx::query("select from orders where id = $1 for update").bind(order.id.uuid());
        lock.execute(&mut *theirs).await.unwrap();
        let together = [of(cancelled(&order)), of(cancelled(&other))];
        assert_eq!(commit(&together, &db).await.unwrap(), [false, true]);
        theirs.rollback().await.unwrap();
        assert_eq!(commit(&together, &db).await.unwrap(), [true, false]);
    }

    /// Were the first line of defence to fail, a version is given only once, and nothing of the group
    /// is written.
    #[sqlx::test(migrations = "./migrations")]
    async fn a_version_is_given_once(db: PgPool) {
        let (order, _) = placed(&db, UserId::new()).await;
        let (other, _) = placed(&db, UserId::new()).await;
        assert_eq!(commit(&[of(cancelled(&order))], &db).await.unwrap(), [true]);
        let back = sqlx::query("update orders set version = 1 where id = $1").bind(order.id.uuid());
        back.execute(&db).await.unwrap();

        let (again, event) = cancelled(&order);
        let again = of((again, OrderEvent { id: EventId::new(), ..event }));
        let error = commit(&[of(cancelled(&other)), again], &db).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().constraint(), Some("order_events_version"));
        assert_eq!(orders::find(&db, other.id).await.unwrap().unwrap().status, OrderStatus::New);
    }
}

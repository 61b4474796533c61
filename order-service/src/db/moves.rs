//! Changes orders in groups. Unknown orders are read first, and all changes are written in one statement.

use super::{column, json, orders};
use crate::domain::status::{self, Command, Refusal};
use chrono::Utc;
use contract::{
    events::OrderEvent,
    ids::OrderId,
    orders::{Order, OrderStatus},
};
use rest::auth::caller::Person;
use runtime::trace::TraceContext;
use sqlx::PgConnection;
use std::{collections::HashSet, sync::Arc};
use storage::{group_commit::Write, outbox::Unpublished};
use uuid::Uuid;

/// A command to an order.
pub(crate) struct Move {
    pub(crate) id: OrderId,
    /// The person on whose behalf the command is given. A customer may change only their own orders. Staff
    /// and services (`None`) may change all orders.
    viewer: Option<Person>,
    command: Command,
    /// The last known state of the order. If it is still current, the order need not be read.
    known: Option<Arc<Order>>,
    /// The trace of the request.
    traceparent: Option<String>,
}

/// The outcome of a command.
pub(crate) enum Moved {
    /// The order does not exist, or the viewer may not see it.
    Unknown,
    Refused(Refusal),
    /// The command had its effect before.
    Already(Arc<Order>),
    /// The changed order, its previous status, and the event to publish.
    On {
        order: Arc<Order>,
        from: OrderStatus,
        event: Box<Unpublished<OrderEvent>>,
    },
    /// The known state of the order is stale or may be. The order must be read.
    Outdated,
    /// Another writer has locked or changed the order. The order must be read again.
    Contended,
}

impl Move {
    pub(crate) fn of(
        id: OrderId,
        viewer: Option<Person>,
        command: Command,
        known: Option<Arc<Order>>,
    ) -> Self {
        let traceparent = TraceContext::current().map(|trace| trace.to_string());
        Self { id, viewer, command, known, traceparent }
    }

    /// Makes the next commit read the order.
    pub(crate) fn forget_known(&mut self) {
        self.known = None;
    }

    fn may_see(&self, order: &Order) -> bool {
        self.viewer.is_none_or(|person| person.is_staff() || person.id == order.user_id)
    }

    /// The outcome if another writer changes the order at the same time, or has changed it.
    fn lost(&self) -> Moved {
        if self.known.is_some() { Moved::Outdated } else { Moved::Contended }
    }

    /// The outcome if no other writer changes the order in the meantime.
    fn decide(&self, order: &Order) -> Moved {
        match status::decide(order, self.command.clone()) {
            Err(refusal) => Moved::Refused(refusal),
            Ok(None) => Moved::Already(Arc::new(order.clone())),
            Ok(Some(change)) => {
                let mut moved = order.clone();
                let event = status::apply(&mut moved, change, Utc::now());
                let event = Box::new(Unpublished::new(event, self.traceparent.clone()));
                Moved::On { order: Arc::new(moved), from: order.status, event }
            }
        }
    }
}

impl Write for Move {
    type Answer = Moved;

    async fn commit(moves: &[Self], db: &mut PgConnection) -> Result<Vec<Moved>, sqlx::Error> {
        let unknown = moves.iter().filter(|one| one.known.is_none()).map(|one| one.id.uuid());
        let found = orders::find_all(&mut *db, &unknown.collect::<Vec<_>>()).await?;
        // Only the first command to an order is carried out, because the next one must see its effect.
        let mut changed = HashSet::new();
        let decide = |one: &Move| {
            let order = one.known.as_deref().or_else(|| found.get(&one.id));
            match order.filter(|order| one.may_see(order)) {
                None => Moved::Unknown,
                Some(_) if changed.contains(&one.id) => one.lost(),
                Some(order) => match one.decide(order) {
                    moved @ Moved::On { .. } => {
                        changed.insert(one.id);
                        moved
                    }
                    // Without a write, a stale known state is not noticed. So the order must be read.
                    _ if one.known.is_some() => Moved::Outdated,
                    moved => moved,
                },
            }
        };
        let mut answers: Vec<_> = moves.iter().map(decide).collect();
        let steps: Vec<_> = answers.iter().filter_map(Moved::step).collect();
        if !steps.is_empty() {
            let written = update(&steps, db).await?;
            for (one, answer) in moves.iter().zip(&mut answers) {
                if answer.step().is_some_and(|(order, _)| !written.contains(&order.id.uuid())) {
                    *answer = one.lost();
                }
            }
        }
        Ok(answers)
    }
}

impl Moved {
    fn step(&self) -> Option<(&Order, &Unpublished<OrderEvent>)> {
        match self {
            Self::On { order, event, .. } => Some((order, event)),
            _ => None,
        }
    }
}

/// Writes all changes in one statement and thus in one commit. Returns the ids of the changed orders.
pub(super) async fn update(
    steps: &[(&Order, &Unpublished<OrderEvent>)],
    db: &mut PgConnection,
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let lines = steps.iter().map(|(order, _)| order.lines.as_ref().map(json).transpose());
    let bodies = steps.iter().map(|(_, unpublished)| json(&*unpublished.event));
    let written = sqlx::query_scalar!(
        r#"with input as (
               select * from unnest(
                   $1::uuid[], $2::int[], $3::text[], $4::int[], $5::text[], $6::bigint[], $7::text[], $8::text[],
                   $9::text[], $10::text[], $11::timestamptz[], $12::uuid[], $13::text[], $14::text[]
               ) as input (
                   id, version, status, attempt, lines, total_minor, currency, payment_method,
                   reason, detail, at, event_id, body, traceparent
               )
           ), found as (
               -- What somebody else has in hand is not waited for.
               select input.*, orders.user_id from input join orders
                 on orders.id = input.id and orders.version = input.version - 1
               for update of orders skip locked
           ), moved as (
               update orders
               set status = found.status, version = found.version, attempt = found.attempt,
                   lines = found.lines::json, total_minor = found.total_minor, currency = found.currency,
                   payment_method = found.payment_method, reason = found.reason, detail = found.detail,
                   updated_at = found.at,
                   nudges = 0, told_at = null
               from found where orders.id = found.id
           ), told as (
               insert into order_events (id, order_id, version, body, traceparent)
               select event_id, id, version, body::json, traceparent from found
           ), declined as (
               insert into declined_payments (user_id, at, order_id)
               select user_id, now(), id from found where status = 'payment_failed'
           )
           insert into outbox (order_id, version) select id, version from found
           returning order_id"#,
        &column(steps, |(order, _)| order.id.uuid()),
        &column(steps, |(order, _)| order.version.cast_signed()),
        &column(steps, |(order, _)| order.status.as_str()) as _,
        &column(steps, |(order, _)| order.attempt.cast_signed()),
        &lines.collect::<Result<Vec<_>, _>>()? as _,
        &column(steps, |(order, _)| order.total.map(|total| total.amount_minor)) as _,
        &column(steps, |(order, _)| order.total.map(|total| total.currency.to_string())) as _,
        &column(steps, |(order, _)| order.payment_method.as_str()) as _,
        &column(steps, |(order, _)| order.reason.as_deref()) as _,
        &column(steps, |(order, _)| order.detail.as_deref()) as _,
        &column(steps, |(order, _)| order.updated_at),
        &column(steps, |(_, unpublished)| unpublished.event.id.uuid()),
        &bodies.collect::<Result<Vec<_>, _>>()?,
        &column(steps, |(_, unpublished)| unpublished.traceparent.as_deref()) as _,
    )
    .fetch_all(db)
    .await?;
    Ok(written.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::{cancelled, commit, moved, placed};
    use contract::{events::CancelledBy, ids::UserId, users::Role};
    use sqlx::PgPool;

    const CANCEL: Command = Command::Cancel { by: CancelledBy::Customer };

    fn cancel(order: &Order) -> Move {
        Move::of(order.id, None, CANCEL, None)
    }

    fn cancel_known(order: &Order) -> Move {
        Move::of(order.id, None, CANCEL, Some(Arc::new(order.clone())))
    }

    fn are_on(moved: &[Moved]) -> Vec<bool> {
        moved.iter().map(|moved| moved.step().is_some()).collect()
    }

    async fn stored(db: &PgPool, order: &Order) -> Order {
        orders::find(db, order.id).await.unwrap().unwrap()
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn the_second_of_two_commands_to_one_order_must_read_it_again(db: PgPool) {
        let (order, _) = placed(&db, UserId::new()).await;
        let (other, _) = placed(&db, UserId::new()).await;
        let expire = || Move::of(order.id, None, Command::Expire { version: 1 }, None);
        let together = commit(&[cancel(&order), cancel(&other), expire()], &db).await.unwrap();
        assert_eq!(are_on(&together), [true, true, false]);
        assert!(matches!(together[2], Moved::Contended));
        let again = commit(&[expire()], &db).await.unwrap();
        assert!(matches!(&again[0], Moved::Already(order) if order.version == 2));
        assert_eq!(stored(&db, &order).await.status, OrderStatus::Cancelled);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn each_command_of_a_group_has_its_own_answer(db: PgPool) {
        let (order, _) = placed(&db, UserId::new()).await;
        let (other, _) = placed(&db, UserId::new()).await;
        let stranger = Person { id: UserId::new(), role: Role::Customer };
        let together = [
            Move::of(other.id, Some(stranger), CANCEL, None),
            Move::of(OrderId::new(), None, CANCEL, None),
            Move::of(other.id, None, Command::Complete, None),
            cancel(&order),
        ];
        let answers = commit(&together, &db).await.unwrap();
        assert!(matches!(
            answers.as_slice(),
            [Moved::Unknown, Moved::Unknown, Moved::Refused(_), Moved::On { .. }]
        ));
        assert_eq!(stored(&db, &other).await.version, 1);
        assert_eq!(stored(&db, &order).await.version, 2);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_stale_known_state_is_outdated(db: PgPool) {
        let (order, _) = placed(&db, UserId::new()).await;
        let (other, _) = placed(&db, UserId::new()).await;
        let complete = Move::of(other.id, None, Command::Complete, Some(Arc::new(other.clone())));
        let answers = commit(&[cancel_known(&order), cancel_known(&order), complete], &db).await.unwrap();
        assert!(matches!(answers.as_slice(), [Moved::On { .. }, Moved::Outdated, Moved::Outdated]));
        assert_eq!(stored(&db, &order).await.status, OrderStatus::Cancelled);

        let mut again = [cancel_known(&order)];
        assert!(matches!(commit(&again, &db).await.unwrap()[0], Moved::Outdated), "the order has changed");
        again[0].forget_known();
        assert!(
            matches!(&commit(&again, &db).await.unwrap()[0], Moved::Already(order) if order.version == 2)
        );
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn only_one_of_two_writers_with_the_same_version_succeeds(db: PgPool) {
        let (order, _) = placed(&db, UserId::new()).await;
        let (once, event) = cancelled(&order);
        assert!(moved(&db, &once, event).await);
        let (again, event) = cancelled(&order);
        assert!(!moved(&db, &again, event).await);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_locked_order_does_not_delay_others(db: PgPool) {
        let (order, _) = placed(&db, UserId::new()).await;
        let (other, _) = placed(&db, UserId::new()).await;
        let mut theirs = db.begin().await.unwrap();
        let lock = sqlx::query("select from orders where id = $1 for update").bind(order.id.uuid());
        lock.execute(&mut *theirs).await.unwrap();
        let together = [cancel(&order), cancel(&other)];
        assert_eq!(are_on(&commit(&together, &db).await.unwrap()), [false, true]);
        theirs.rollback().await.unwrap();
        assert_eq!(are_on(&commit(&together, &db).await.unwrap()), [true, false]);
    }

    /// The unique constraint is the last protection. If it fails, nothing of the group is written.
    #[sqlx::test(migrations = "./migrations")]
    async fn an_order_has_each_version_once(db: PgPool) {
        let (order, _) = placed(&db, UserId::new()).await;
        let (other, _) = placed(&db, UserId::new()).await;
        assert_eq!(are_on(&commit(&[cancel(&order)], &db).await.unwrap()), [true]);
        let back = sqlx::query("update orders set version = 1, status = 'new' where id = $1");
        back.bind(order.id.uuid()).execute(&db).await.unwrap();
        sqlx::query("delete from outbox").execute(&db).await.unwrap();

        let error = commit(&[cancel(&other), cancel(&order)], &db).await.err().unwrap();
        assert_eq!(error.as_database_error().unwrap().constraint(), Some("order_events_version"));
        assert_eq!(stored(&db, &other).await.status, OrderStatus::New);
    }
}

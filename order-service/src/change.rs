//! Places and changes orders, for the handlers and the timers.

use crate::{
    db::{
        self,
        moves::{Move, Moved},
        placements::{Placed, Placement},
    },
    domain::{
        limits::Exceeded,
        status::{Command, IllegalTransition, Refusal},
    },
    handover::Handover,
    recent::Recent,
};
use contract::{events::OrderEvent, ids::OrderId, orders::Order};
use rest::auth::caller::Person;
use runtime::{crash, trace};
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use storage::{
    group_commit::{CommitError, GroupCommit},
    outbox::Unpublished,
};
use tokio_util::task::TaskTracker;

/// The largest number of attempts to change an order. Two writers may conflict, but no writer should lose
/// this often in a row.
const MAX_ATTEMPTS: u32 = 10;
/// The increase of the pause before each further attempt. The other writer commits soon.
const BACKOFF_STEP: Duration = Duration::from_millis(5);

/// Reads, places and changes orders. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Orders {
    pub(crate) db: PgPool,
    pub(crate) placements: GroupCommit<Placement>,
    moves: GroupCommit<Move>,
    recent: Recent,
    /// All tasks that may commit an event. The relay ends after them.
    pub(crate) writers: TaskTracker,
}

/// Why an order was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// The order does not exist, or the caller may not see it. The answer does not tell which.
    #[error("there is no order {0}")]
    UnknownOrder(OrderId),
    #[error(transparent)]
    IllegalTransition(#[from] IllegalTransition),
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// In each attempt, another writer changed the order between the read and the write.
    #[error("other requests are changing the order")]
    Contended,
}

impl Orders {
    pub(crate) fn new(db: PgPool, relay: Handover) -> Self {
        let (recent, writers) = (Recent::default(), TaskTracker::new());
        // Called for each committed event, even if the client has disconnected and its request was dropped.
        let send_committed = {
            let recent = recent.clone();
            move |order: &Arc<Order>, event: &Unpublished<OrderEvent>| {
                recent.wrote(order);
                relay.committed(event.clone());
            }
        };
        let of_placement = {
            let send_committed = send_committed.clone();
            move |placement: &Placement, placed: &Placed| {
                if *placed == Placed::New {
                    crash::point("order.committed");
                    send_committed(&placement.order, &placement.event);
                }
            }
        };
        let of_move = move |_: &Move, moved: &Moved| {
            if let Moved::On { order, event, .. } = moved {
                crash::point("order.changed");
                send_committed(order, event);
                metrics::counter!("order_transitions_total", "to" => order.status.as_str()).increment(1);
            }
        };
        let placements = GroupCommit::reporting(&db, writers.clone(), of_placement);
        let moves = GroupCommit::reporting(&db, writers.clone(), of_move);
        Self { db, placements, moves, recent, writers }
    }

    /// Places an order. The order and its first event are one commit.
    pub(crate) async fn place(&self, placement: Placement) -> Result<(Arc<Order>, Placed), CommitError> {
        let (Placement { order, .. }, placed) = self.placements.write(placement).await?;
        Ok((order, placed))
    }

    /// Finds an order that `viewer` may see. A customer sees only their own orders. Staff and services
    /// (`None`) see all.
    pub(crate) async fn find(&self, id: OrderId, viewer: Option<Person>) -> Result<Order, ChangeError> {
        trace::record_order(id);
        let order = db::orders::find(&self.db, id).await?.ok_or(ChangeError::UnknownOrder(id))?;
        match viewer {
            Some(person) if !person.is_staff() && person.id != order.user_id => {
                Err(ChangeError::UnknownOrder(id))
            }
            _ => Ok(order),
        }
    }

    /// Changes an order that `viewer` may see, and returns the changed order. The change and its event are
    /// one commit.
    pub(crate) async fn change(
        &self,
        id: OrderId,
        viewer: Option<Person>,
        command: Command,
    ) -> Result<Arc<Order>, ChangeError> {
        trace::record_order(id);
        let mut command = Move::of(id, viewer, command, self.recent.find(id));
        for attempt in 1..=MAX_ATTEMPTS {
            let (same, moved) = self.moves.write(command).await?;
            command = same;
            match moved {
                Moved::Unknown => return Err(ChangeError::UnknownOrder(id)),
                Moved::Refused(Refusal::IllegalTransition(illegal)) => return Err(illegal.into()),
                Moved::Refused(Refusal::Exceeded(exceeded)) => return Err(exceeded.into()),
                Moved::Already(order) => return Ok(order),
                Moved::On { order, from, .. } => {
                    tracing::info!(%from, to = %order.status, version = order.version, "order changed");
                    return Ok(order);
                }
                Moved::Outdated => {
                    self.recent.forget(id);
                    command.forget_known();
                }
                Moved::Contended => tokio::time::sleep(attempt * BACKOFF_STEP).await,
            }
        }
        Err(ChangeError::Contended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::testing::request,
        domain::placing,
        push::hub::{Hub, News, Topic},
    };
    use chrono::Utc;
    use contract::{events::CancelledBy, ids::UserId, money::Money, orders::OrderStatus};
    use futures_util::FutureExt as _;
    use messaging::relay;
    use tokio::time::timeout;

    const DEADLINE: Duration = Duration::from_secs(20);

    #[sqlx::test(migrations = "./migrations")]
    async fn a_committed_event_is_sent_even_if_its_request_is_dropped(db: PgPool) {
        let (orders, hub) = replica(&db);
        let (order, event) = placing::place(UserId::new(), request(), Utc::now()).unwrap();
        let id = order.id;
        let (mut membership, mut news) = hub.join();
        membership.follow(Topic::Order(id));
        let mut next_version = async || match timeout(DEADLINE, news.recv()).await.unwrap() {
            Some(News::Event(event)) => event.version,
            other => panic!("{other:?}"),
        };
        // Each request is polled until its write begins. Then it is dropped, as if its client had
        // disconnected.
        let mut placing = Box::pin(orders.place(Placement::of(order, event, None)));
        assert!((&mut placing).now_or_never().is_none());
        while orders.placements.waiting() > 0 {
            tokio::task::yield_now().await;
        }
        drop(placing);
        assert_eq!(next_version().await, 1);
        let mut cancelling = Box::pin(orders.change(id, None, Command::Cancel { by: CancelledBy::Customer }));
        assert!((&mut cancelling).now_or_never().is_none());
        while orders.moves.waiting() > 0 {
            tokio::task::yield_now().await;
        }
        drop(cancelling);
        assert_eq!(next_version().await, 2);
    }

    fn replica(db: &PgPool) -> (Orders, Hub) {
        let (hub, (relay, _)) = (Hub::default(), relay::handover());
        (Orders::new(db.clone(), Handover { relay, hub: hub.clone() }), hub)
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_replica_notices_that_another_one_has_changed_its_order(db: PgPool) {
        let ((ours, _), (theirs, _)) = (replica(&db), replica(&db));
        let (order, event) = placing::place(UserId::new(), request(), Utc::now()).unwrap();
        let (order, placed) = ours.place(Placement::of(order, event, None)).await.unwrap();
        assert_eq!(placed, Placed::New);

        let total = Money { amount_minor: 900, currency: "EUR".parse().unwrap() };
        let reserve = Command::Reserve { lines: Vec::new(), total };
        theirs.change(order.id, None, reserve).await.unwrap();
        // For the first replica, the order is `new`, which cannot be paid.
        let pay = Command::Pay { attempt: 1, payment_id: "pi_1".into() };
        let paid = ours.change(order.id, None, pay).await.unwrap();
        assert_eq!((paid.status, paid.version, paid.total), (OrderStatus::Paid, 3, Some(total)));
        // For the second replica, the order is `reserved`, which can be cancelled.
        let cancelling = theirs.change(order.id, None, Command::Cancel { by: CancelledBy::Customer }).await;
        let Err(ChangeError::IllegalTransition(illegal)) = cancelling else { panic!("{cancelling:?}") };
        assert_eq!(illegal.current, OrderStatus::Paid);
    }
}

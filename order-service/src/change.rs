//! Moving an order on: what the handlers that change an order and the timers have in common.

use crate::{
    db::{
        self,
        moves::{Move, Moved},
        placements::Placement,
    },
    domain::status::{Command, IllegalTransition},
    relay::Handover,
};
use common::{
    auth::caller::Person,
    contract::{ids::OrderId, orders::Order},
    crash,
    database::group_commit::{CommitError, GroupCommit},
    trace,
};
use sqlx::PgPool;
use std::time::Duration;

/// Two writers meet now and then; that one of them loses this often in a row does not happen.
const TRIES: u32 = 10;
/// How much longer to wait before each further try: the other writer is about to commit.
const STEP: Duration = Duration::from_millis(5);

/// The orders, as they can be read and moved on. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Orders {
    pub(crate) db: PgPool,
    pub(crate) relay: Handover,
    pub(crate) placements: GroupCommit<Placement>,
    moves: GroupCommit<Move>,
}

/// Why an order was not moved on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// There is no such order, or it is not the caller's: they cannot tell which.
    #[error("there is no order {0}")]
    UnknownOrder(OrderId),
    #[error(transparent)]
    IllegalTransition(#[from] IllegalTransition),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// Others changed the order each time between reading and writing it.
    #[error("the order is being changed by others")]
    Contended,
}

impl Orders {
    pub(crate) fn new(db: PgPool, relay: Handover) -> Self {
        Self { relay, placements: GroupCommit::to(&db), moves: GroupCommit::to(&db), db }
    }

    /// An order that `viewer` may see: a person sees their own, staff and services (`None`) all.
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

    /// Carries out a command of somebody who may see the order, and returns the order after it. The
    /// change and its event are one commit.
    pub(crate) async fn change(
        &self,
        id: OrderId,
        viewer: Option<Person>,
        command: Command,
    ) -> Result<Order, ChangeError> {
        trace::record_order(id);
        let mut command = Move::of(id, viewer, command);
        for tries in 1..=TRIES {
            let (same, moved) = self.moves.write(command).await?;
            command = same;
            match moved {
                Moved::Unknown => return Err(ChangeError::UnknownOrder(id)),
                Moved::Refused(illegal) => return Err(illegal.into()),
                Moved::Already(order) => return Ok(*order),
                Moved::On { order, from, event } => {
                    crash::point("order.changed");
                    self.relay.committed(*event);
                    tracing::info!(%from, to = %order.status, version = order.version, "order moved on");
                    metrics::counter!("order_transitions_total", "to" => order.status.as_str()).increment(1);
                    return Ok(*order);
                }
                Moved::Contended => tokio::time::sleep(tries * STEP).await,
            }
        }
        Err(ChangeError::Contended)
    }
}

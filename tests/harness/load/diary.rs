//! What a customer was answered and saw.

use contract::{
    ids::{OrderId, UserId},
    orders::OrderStatus,
    push::StatusFrame,
};
use std::{collections::BTreeMap, time::Duration};
use tokio::{sync::watch, time::timeout};

/// A status of an order, as it was pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The order's version.
    pub version: u32,
    /// Its status.
    pub status: OrderStatus,
    /// Whether it told where the order stood: earlier versions were not to be expected.
    pub snapshot: bool,
}

/// What one customer was answered and saw.
#[derive(Clone, Debug)]
pub struct Diary {
    /// Whose diary it is.
    pub user: UserId,
    /// The idempotency keys that were sent, each with the order that it was answered with.
    pub placed: BTreeMap<String, Option<OrderId>>,
    /// What the socket showed of each order, in that order.
    pub seen: BTreeMap<OrderId, Vec<Sighting>>,
    /// What must not happen to a customer: answers that make no sense, a socket that gave up.
    pub complaints: Vec<String>,
}

/// A diary that is being written, and that others wait on.
pub(super) struct OpenDiary(watch::Sender<Diary>);

impl OpenDiary {
    pub(super) fn of(user: UserId) -> Self {
        let empty = Diary { user, placed: BTreeMap::new(), seen: BTreeMap::new(), complaints: Vec::new() };
        Self(watch::Sender::new(empty))
    }

    pub(super) fn sent(&self, key: &str) {
        self.0.send_modify(|diary| {
            diary.placed.insert(key.to_owned(), None);
        });
    }

    pub(super) fn answered(&self, key: &str, order: OrderId) {
        self.0.send_modify(|diary| {
            diary.placed.insert(key.to_owned(), Some(order));
        });
    }

    pub(super) fn saw(&self, frame: &StatusFrame) {
        let StatusFrame { order_id, version, status, snapshot, .. } = *frame;
        let sighting = Sighting { version, status, snapshot };
        self.0.send_modify(|diary| diary.seen.entry(order_id).or_default().push(sighting));
    }

    pub(super) fn complain(&self, complaint: String) {
        self.0.send_modify(|diary| diary.complaints.push(complaint));
    }

    /// Waits until the socket has shown such a status of an order. `None` where it does not in time.
    pub(super) async fn sees(
        &self,
        order: OrderId,
        within: Duration,
        is_it: impl Fn(OrderStatus) -> bool,
    ) -> Option<OrderStatus> {
        let mut reader = self.0.subscribe();
        let last = |diary: &Diary| Some(diary.seen.get(&order)?.last()?.status);
        let seen = reader.wait_for(|diary| last(diary).is_some_and(&is_it));
        timeout(within, seen).await.ok()?.ok().and_then(|diary| last(&diary))
    }

    pub(super) fn close(self) -> Diary {
        self.0.borrow().clone()
    }
}

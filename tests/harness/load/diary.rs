//! The record of a customer: the answers, and the pushed statuses.

use contract::{
    ids::{OrderId, UserId},
    orders::OrderStatus,
    push::StatusFrame,
};
use std::{collections::BTreeMap, time::Duration};
use tokio::{sync::watch, time::timeout};

/// A pushed status of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The version of the order.
    pub version: u32,
    /// The status of the order.
    pub status: OrderStatus,
    /// Whether this was a snapshot. A snapshot does not repeat earlier versions.
    pub snapshot: bool,
}

/// The record of one customer.
#[derive(Clone, Debug)]
pub struct Diary {
    /// The id of the customer.
    pub user: UserId,
    /// The sent idempotency keys, each with the order in its answer. `None` means that no answer came.
    pub placed: BTreeMap<String, Option<OrderId>>,
    /// The pushed statuses of each order, in the order of their arrival.
    pub seen: BTreeMap<OrderId, Vec<Sighting>>,
    /// Errors that a customer must never see: an unexpected answer, or a socket that gave up.
    pub complaints: Vec<String>,
}

/// A diary that is still written. Readers can wait for an entry.
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

    /// Waits until the last pushed status of an order matches. Returns `None` after the time limit.
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

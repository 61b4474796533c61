//! Sends committed events to the relay and the sockets of this replica, in memory.

use crate::{db::outbox::Unpublished, push::hub::Hub};
#[cfg(test)]
use contract::ids::OrderId;
use std::time::Instant;
use tokio::sync::mpsc::{self, Receiver, Sender};

/// Events that may wait to be published; more are left to the sweep.
const WAITING: usize = 4096;

/// An event that was committed a moment ago.
pub(crate) struct Committed {
    pub(crate) at: Instant,
    pub(crate) event: Unpublished,
}

/// Sends committed events to this replica's relay and to its sockets. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Handover {
    relay: Sender<Committed>,
    hub: Hub,
}

/// Where the relay receives events.
pub(crate) struct Handed(pub(crate) Receiver<Committed>);

/// A channel to the relay that also tells the sockets in `hub`.
pub(crate) fn handover(hub: Hub) -> (Handover, Handed) {
    let (relay, receiver) = mpsc::channel(WAITING);
    (Handover { relay, hub }, Handed(receiver))
}

#[cfg(test)]
impl Handed {
    /// The order and the version of the next event.
    pub(crate) async fn next(&mut self) -> (OrderId, u32) {
        let limit = std::time::Duration::from_secs(20);
        let committed =
            tokio::time::timeout(limit, self.0.recv()).await.expect("handed over in time").unwrap();
        (committed.event.event.order_id, committed.event.event.version)
    }
}

impl Handover {
    /// To be called after the commit, also when the client that asked for it is gone by then. An event that finds no place
    /// is in the outbox all the same.
    pub(crate) fn committed(&self, event: Unpublished) {
        // The sockets of this replica need not wait for the broker. They ignore the copy that it sends later.
        self.hub.publish(&event.event);
        drop(self.relay.try_send(Committed { at: Instant::now(), event }));
    }
}

//! Sends committed events in memory to this replica's relay and WebSockets.

use crate::{db::outbox::Unpublished, push::hub::Hub};
#[cfg(test)]
use contract::ids::OrderId;
use std::time::Instant;
use tokio::sync::mpsc::{self, Receiver, Sender};

/// The largest number of waiting events. The sweep publishes events that do not fit.
const QUEUE_CAPACITY: usize = 4096;

/// An event that was just committed.
pub(crate) struct Committed {
    pub(crate) at: Instant,
    pub(crate) event: Unpublished,
}

/// Sends committed events to this replica's relay and WebSockets. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Handover {
    relay: Sender<Committed>,
    hub: Hub,
}

/// The receiver of committed events, for the relay.
pub(crate) struct Handed(pub(crate) Receiver<Committed>);

/// Creates a channel to the relay. Events also go to the sockets in `hub`.
pub(crate) fn handover(hub: Hub) -> (Handover, Handed) {
    let (relay, receiver) = mpsc::channel(QUEUE_CAPACITY);
    (Handover { relay, hub }, Handed(receiver))
}

#[cfg(test)]
impl Handed {
    /// Receives the next event, and returns its order and version.
    pub(crate) async fn next(&mut self) -> (OrderId, u32) {
        let limit = std::time::Duration::from_secs(20);
        let committed = tokio::time::timeout(limit, self.0.recv()).await.expect("an event in time").unwrap();
        (committed.event.event.order_id, committed.event.event.version)
    }
}

impl Handover {
    /// Must be called after each commit, even if the client has disconnected. An event that does not fit into
    /// the queue remains in the outbox.
    pub(crate) fn committed(&self, event: Unpublished) {
        // The sockets of this replica get the event before the broker. They ignore the broker's copy.
        self.hub.publish(&event.event);
        drop(self.relay.try_send(Committed { at: Instant::now(), event }));
    }
}

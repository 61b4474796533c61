//! Sends committed events in memory to this replica's relay and WebSockets.

use crate::push::hub::Hub;
use contract::events::OrderEvent;
use messaging::relay;
use storage::outbox::Unpublished;

/// Sends committed events to this replica's relay and WebSockets. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Handover {
    pub(crate) relay: relay::Handover<OrderEvent>,
    pub(crate) hub: Hub,
}

impl Handover {
    /// Must be called after each commit, even if the client has disconnected.
    pub(crate) fn committed(&self, event: Unpublished<OrderEvent>) {
        // The sockets of this replica get the event before the broker. They ignore the broker's copy.
        self.hub.publish(&event.event);
        self.relay.committed(event);
    }
}

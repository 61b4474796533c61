//! Sends a client the statuses of deliveries.
//!
//! delivery-service stores the deliveries, and clients read them from it. This service stores nothing about
//! them. It forwards events, and asks the client to read again when events may be missing.

use super::{connection::End, socket::Session};
use contract::{
    deliveries::DeliveryEvent,
    push::{DeliveryFrame, ServerFrame},
};

impl Session<'_> {
    /// Sends an event of a delivery, unless the client has seen this version or a later one.
    pub(super) async fn delivery(&mut self, event: &DeliveryEvent) -> Result<(), End> {
        let DeliveryEvent { order_id, status, version, at, .. } = *event;
        if version <= self.deliveries.seen(order_id) {
            return Ok(());
        }
        self.deliveries.saw(order_id, version);
        self.send(&ServerFrame::Delivery(DeliveryFrame { order_id, status, version, at })).await
    }

    /// Asks the client to read its deliveries again.
    pub(super) async fn deliveries_changed(&mut self) -> Result<(), End> {
        self.send(&ServerFrame::DeliveriesChanged {}).await
    }
}

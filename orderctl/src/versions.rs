//! Tracks the last version of each order, so that versions are delivered in order and without a gap.

use contract::{ids::OrderId, push::StatusFrame};
use std::collections::{HashMap, HashSet};

/// The action for a frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The frame is the next version: deliver it.
    Next,
    /// This version or a later one was delivered before.
    Known,
    /// Earlier versions are missing. Subscribe to the order after this version to get them, and this one
    /// again.
    Gap {
        /// The last delivered version, 0 for none.
        after: u32,
    },
    /// Earlier versions were requested and will arrive first.
    Awaited,
}

/// The last delivered version of each order.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    delivered: HashMap<OrderId, Delivered>,
    /// Orders whose missing versions were requested on this connection.
    requested: HashSet<OrderId>,
}

#[derive(Clone, Copy, Debug)]
struct Delivered {
    version: u32,
    is_final: bool,
}

impl Versions {
    /// Treats this version of an order as delivered.
    pub(crate) fn skip(&mut self, order: OrderId, version: u32) {
        self.delivered.insert(order, Delivered { version, is_final: false });
    }

    /// Removes an order that the service no longer sends.
    pub(crate) fn forget(&mut self, order: OrderId) {
        self.delivered.remove(&order);
    }

    /// The action for a frame. `Next` counts the frame as delivered.
    pub(crate) fn judge(&mut self, frame: &StatusFrame) -> Verdict {
        let StatusFrame { order_id, version, status, snapshot, .. } = *frame;
        let last = self.delivered.get(&order_id).map(|delivered| delivered.version);
        // For an unknown order, a snapshot may start at any version, a change only at version 1.
        let is_next = match last {
            Some(last) => version == last.saturating_add(1),
            None => snapshot || version == 1,
        };
        if is_next {
            self.delivered.insert(order_id, Delivered { version, is_final: status.is_final() });
            self.requested.remove(&order_id);
            return Verdict::Next;
        }
        let after = last.unwrap_or(0);
        if version <= after {
            Verdict::Known
        } else if self.requested.insert(order_id) {
            Verdict::Gap { after }
        } else {
            Verdict::Awaited
        }
    }

    /// Resets the requests for a new connection. Returns the unfinished orders with their last delivered
    /// version.
    pub(crate) fn reconnected(&mut self) -> Vec<(OrderId, u32)> {
        self.requested.clear();
        let unfinished = self.delivered.iter().filter(|(_, delivered)| !delivered.is_final);
        unfinished.map(|(order, delivered)| (*order, delivered.version)).collect()
    }

    /// The last delivered version of an order.
    pub(crate) fn last(&self, order: OrderId) -> Option<u32> {
        self.delivered.get(&order).map(|delivered| delivered.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::orders::OrderStatus;

    fn frame(order_id: OrderId, version: u32, snapshot: bool) -> StatusFrame {
        let at = "2026-01-02T03:04:05Z".parse().unwrap();
        StatusFrame {
            order_id,
            status: OrderStatus::Reserved,
            version,
            at,
            reason: None,
            detail: None,
            snapshot,
        }
    }

    #[test]
    fn repeated_frames_are_known() {
        let (order, mut versions) = (OrderId::new(), Versions::default());
        assert_eq!(versions.judge(&frame(order, 1, false)), Verdict::Next);
        assert_eq!(versions.judge(&frame(order, 2, false)), Verdict::Next);
        assert_eq!(versions.judge(&frame(order, 1, false)), Verdict::Known);
        assert_eq!(versions.judge(&frame(order, 2, true)), Verdict::Known);
        assert_eq!(versions.last(order), Some(2));
    }

    #[test]
    fn a_gap_is_requested_once_and_filled() {
        let (order, mut versions) = (OrderId::new(), Versions::default());
        assert_eq!(versions.judge(&frame(order, 2, true)), Verdict::Next);
        assert_eq!(versions.judge(&frame(order, 5, true)), Verdict::Gap { after: 2 });
        assert_eq!(versions.judge(&frame(order, 6, false)), Verdict::Awaited);
        for version in 3..=6 {
            assert_eq!(versions.judge(&frame(order, version, false)), Verdict::Next);
        }
        assert_eq!(versions.judge(&frame(order, 8, false)), Verdict::Gap { after: 6 });
    }

    #[test]
    fn an_unknown_order_is_requested_from_its_first_version() {
        let mut versions = Versions::default();
        assert_eq!(versions.judge(&frame(OrderId::new(), 3, false)), Verdict::Gap { after: 0 });
    }

    #[test]
    fn after_a_reconnect_unfinished_orders_are_resumed() {
        let (open, done) = (OrderId::new(), OrderId::new());
        let mut versions = Versions::default();
        versions.skip(open, 2);
        versions.judge(&StatusFrame { status: OrderStatus::Completed, ..frame(done, 4, true) });
        assert_eq!(versions.judge(&frame(open, 4, false)), Verdict::Gap { after: 2 });
        assert_eq!(versions.reconnected(), vec![(open, 2)]);
        assert_eq!(versions.judge(&frame(open, 4, false)), Verdict::Gap { after: 2 });
    }
}

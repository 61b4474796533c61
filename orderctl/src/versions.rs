//! Which version of each order has been shown, so that what is shown has no gap and rises.

use contract::{ids::OrderId, push::StatusFrame};
use std::collections::{HashMap, HashSet};

/// What to do with a frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the next one: show it.
    Next,
    /// It, or a later one, was shown already.
    Known,
    /// Some before it are missing: subscribe to this order after this version, which brings them and
    /// this one again.
    Gap {
        /// The last version shown, 0 for none.
        after: u32,
    },
    /// Those before it have been asked for and will come first.
    Awaited,
}

/// What has been shown of each order.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    shown: HashMap<OrderId, Shown>,
    /// Orders whose missing frames were asked for on this connection.
    asked: HashSet<OrderId>,
}

#[derive(Clone, Copy, Debug)]
struct Shown {
    version: u32,
    is_final: bool,
}

impl Versions {
    /// This version of this order need not be shown.
    pub(crate) fn skip(&mut self, order: OrderId, version: u32) {
        self.shown.insert(order, Shown { version, is_final: false });
    }

    /// The service does not tell of this order any more.
    pub(crate) fn forget(&mut self, order: OrderId) {
        self.shown.remove(&order);
    }

    /// What to do with a frame; `Next` counts it as shown.
    pub(crate) fn judge(&mut self, frame: &StatusFrame) -> Verdict {
        let StatusFrame { order_id, version, status, snapshot, .. } = *frame;
        let last = self.shown.get(&order_id).map(|shown| shown.version);
        // Nothing shown yet: a snapshot may start anywhere, a change only at the first.
        let is_next = match last {
            Some(last) => version == last.saturating_add(1),
            None => snapshot || version == 1,
        };
        if is_next {
            self.shown.insert(order_id, Shown { version, is_final: status.is_final() });
            self.asked.remove(&order_id);
            return Verdict::Next;
        }
        let after = last.unwrap_or(0);
        if version <= after {
            Verdict::Known
        } else if self.asked.insert(order_id) {
            Verdict::Gap { after }
        } else {
            Verdict::Awaited
        }
    }

    /// On a new connection nothing has been asked for. Returns the orders that may have moved
    /// meanwhile, with the last version shown of each.
    pub(crate) fn reconnected(&mut self) -> Vec<(OrderId, u32)> {
        self.asked.clear();
        let unfinished = self.shown.iter().filter(|(_, shown)| !shown.is_final);
        unfinished.map(|(order, shown)| (*order, shown.version)).collect()
    }

    /// The last version shown of an order.
    pub(crate) fn last(&self, order: OrderId) -> Option<u32> {
        self.shown.get(&order).map(|shown| shown.version)
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
    fn a_gap_is_asked_for_once_and_filled() {
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
    fn a_change_of_an_order_never_seen_starts_at_the_first() {
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

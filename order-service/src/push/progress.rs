//! The versions of orders that a client has seen. With them, a client gets rising versions without a gap,
//! although events arrive in any order and any number of times.

use contract::ids::OrderId;
use std::collections::HashMap;

/// The last version that a client has seen of each order it follows.
#[derive(Debug, Default)]
pub(crate) struct Progress(HashMap<OrderId, u32>);

/// The handling of an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The event is the next one. Send it.
    Next,
    /// The client has seen the event.
    Seen,
    /// Events before it are missing. Send all events after this version.
    Gap { after: u32 },
}

impl Progress {
    /// Returns how to handle an event of this version.
    pub(crate) fn step(&self, order: OrderId, version: u32) -> Step {
        let last = self.seen(order);
        match version {
            _ if version <= last => Step::Seen,
            _ if version == last + 1 => Step::Next,
            _ => Step::Gap { after: last },
        }
    }

    /// Records that the client has seen this version.
    pub(crate) fn saw(&mut self, order: OrderId, version: u32) {
        let last = self.0.entry(order).or_default();
        *last = version.max(*last);
    }

    /// The last version that the client has seen, or 0.
    pub(crate) fn seen(&self, order: OrderId) -> u32 {
        self.0.get(&order).copied().unwrap_or_default()
    }

    /// All orders that the client has seen, with the last seen versions.
    pub(crate) fn all(&self) -> Vec<(OrderId, u32)> {
        self.0.iter().map(|(order, version)| (*order, *version)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_the_next_one_or_seen_or_after_a_gap() {
        let order = OrderId::new();
        let mut progress = Progress::default();
        assert_eq!(progress.step(order, 1), Step::Next);
        assert_eq!(progress.step(order, 2), Step::Gap { after: 0 });
        progress.saw(order, 2);
        assert_eq!(progress.step(order, 2), Step::Seen);
        assert_eq!(progress.step(order, 3), Step::Next);
        progress.saw(order, 1);
        assert_eq!(progress.step(order, 5), Step::Gap { after: 2 });
        assert_eq!(progress.seen(order), 2);
    }
}

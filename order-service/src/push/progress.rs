//! How far a client has seen each order: what makes the versions it gets gap-free and rising,
//! whatever order events come in and however often.

use contract::ids::OrderId;
use std::collections::HashMap;

/// The last version that a client has seen of each order it follows.
#[derive(Debug, Default)]
pub(crate) struct Progress(HashMap<OrderId, u32>);

/// What to do with an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is the next one: send it.
    Next,
    /// The client has seen it.
    Seen,
    /// Something in between is missing: send all that came after this version.
    Gap { after: u32 },
}

impl Progress {
    /// What an event of this version means to the client.
    pub(crate) fn step(&self, order: OrderId, version: u32) -> Step {
        let last = self.seen(order);
        match version {
            _ if version <= last => Step::Seen,
            _ if version == last + 1 => Step::Next,
            _ => Step::Gap { after: last },
        }
    }

    /// The client has seen this version.
    pub(crate) fn saw(&mut self, order: OrderId, version: u32) {
        let last = self.0.entry(order).or_default();
        *last = version.max(*last);
    }

    /// The last version that the client has seen; 0 where it has seen none.
    pub(crate) fn seen(&self, order: OrderId) -> u32 {
        self.0.get(&order).copied().unwrap_or_default()
    }

    /// Every order of which the client has seen something, with the last version that it has seen.
    pub(crate) fn all(&self) -> Vec<(OrderId, u32)> {
        self.0.iter().map(|(order, version)| (*order, *version)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_next_or_seen_or_shows_a_gap() {
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

//! The choice of orders to follow.

use contract::ids::OrderId;

/// The orders to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// All orders of the user. The current status of each unfinished or recent one comes first.
    All,
    /// One order.
    Order {
        /// The order.
        id: OrderId,
        /// The last known version, 0 for none: later statuses come first. Without it, the current status
        /// comes first.
        after: Option<u32>,
    },
}

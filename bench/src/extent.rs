//! The size of the measurements.

use std::time::Duration;

/// The size of the measurements.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) rounds: u32,
    pub(crate) length: Duration,
    pub(crate) orders: u32,
}

//! How long to wait before a retry. Used by everything that reconnects.

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use std::time::Duration;

/// Delays for a peer that may be down for a while. They double from 100 ms to 1 s and never end. Jitter makes
/// each delay up to twice as long, so that replicas reconnect at different moments. A program notices within
/// 2 s that its peer is back.
#[must_use]
pub fn reconnecting() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(1))
        .without_max_times()
        .with_jitter()
        .build()
}

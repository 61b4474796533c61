//! How long to wait before trying again. Used by everything that reconnects.

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use std::time::Duration;

/// For a peer that may be gone for a while: 100 ms, doubling to 5 s, for ever, with jitter so that
/// the replicas of a service do not all come back at the same moment.
#[must_use]
pub fn reconnecting() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(5))
        .without_max_times()
        .with_jitter()
        .build()
}

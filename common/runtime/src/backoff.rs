//! How long to wait before trying again. Used by everything that reconnects.

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use std::time::Duration;

/// For a peer that may be gone for a while: 100 ms, doubling to 1 s, for ever, each with up to as much
/// again in jitter, so that the replicas of a service do not all come back at the same moment. Whoever
/// waits for the peer has noticed within 2 s that it is back.
#[must_use]
pub fn reconnecting() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(1))
        .without_max_times()
        .with_jitter()
        .build()
}

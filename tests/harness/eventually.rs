//! Waiting for something to become so.

use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Longer than anything takes on a busy machine of two cores; only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks: at first this long, then twice as long each time.
const FIRST_GLANCE: Duration = Duration::from_millis(10);
/// But not longer: what tests look at is worth more of the machine than their looking.
const LONGEST_GLANCE: Duration = Duration::from_millis(160);

/// Looks again and again until there is something to see, and returns it.
pub async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look).await
}

/// The same, with a deadline of its own.
pub async fn within<T>(patience: Duration, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    let mut glance = FIRST_GLANCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {patience:?}: {what}");
        sleep(glance).await;
        glance = LONGEST_GLANCE.min(2 * glance);
    }
}

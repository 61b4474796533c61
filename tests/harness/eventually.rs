//! Waiting for something to become so.

use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Longer than anything takes on a busy machine of two cores; only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks.
const GLANCE: Duration = Duration::from_millis(25);

/// Looks again and again until there is something to see, and returns it.
pub async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look).await
}

/// The same, with a deadline of its own.
pub async fn within<T>(patience: Duration, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {patience:?}: {what}");
        sleep(GLANCE).await;
    }
}

//! Waiting for something to become so.

use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Far longer than anything takes, the first two steps of the retry ladder included, on a machine
/// that has much else to do. Only a failing test waits this long.
const PATIENCE: Duration = Duration::from_mins(2);
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
    telling(patience, what, async || look().await.ok_or("that is all that is known")).await
}

/// The same, for a look that can tell what there is to see in place of what is waited for.
pub(crate) async fn eventually_telling<T, E: std::fmt::Display>(
    what: &str,
    look: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    telling(PATIENCE, what, look).await
}

async fn telling<T, E: std::fmt::Display>(
    patience: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let deadline = Instant::now() + patience;
    let mut glance = FIRST_GLANCE;
    loop {
        match look().await {
            Ok(seen) => return seen,
            Err(instead) => assert!(Instant::now() < deadline, "not within {patience:?}: {what}; {instead}"),
        }
        sleep(glance).await;
        glance = LONGEST_GLANCE.min(2 * glance);
    }
}

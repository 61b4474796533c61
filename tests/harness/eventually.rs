//! Waiting for a condition, with a deadline.

use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Much longer than any condition takes on a busy machine, including the first two steps of the retry ladder.
/// Only a failing test waits this long.
const TEST_DEADLINE: Duration = Duration::from_mins(2);
/// The first interval between two checks. It doubles after each check.
const FIRST_INTERVAL: Duration = Duration::from_millis(10);
/// The longest interval between two checks. Shorter ones would slow the services down.
const MAX_INTERVAL: Duration = Duration::from_millis(160);

/// Checks a condition until `check` returns a value, and returns that value.
pub async fn eventually<T>(what: &str, check: impl AsyncFnMut() -> Option<T>) -> T {
    within(TEST_DEADLINE, what, check).await
}

/// Like [`eventually`], with another deadline.
pub async fn within<T>(limit: Duration, what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    poll(limit, what, async || check().await.ok_or("no details")).await
}

/// Like [`eventually`]. The error of `check` describes the present state, and a failure reports it.
pub(crate) async fn eventually_ok<T, E: std::fmt::Display>(
    what: &str,
    check: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    poll(TEST_DEADLINE, what, check).await
}

async fn poll<T, E: std::fmt::Display>(
    limit: Duration,
    what: &str,
    mut check: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let deadline = Instant::now() + limit;
    let mut interval = FIRST_INTERVAL;
    loop {
        match check().await {
            Ok(seen) => return seen,
            Err(state) => assert!(Instant::now() < deadline, "not within {limit:?}: {what} ({state})"),
        }
        sleep(interval).await;
        interval = MAX_INTERVAL.min(2 * interval);
    }
}

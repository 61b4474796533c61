//! Retries in place, before a message takes a step of the retry ladder.
//!
//! Most failures end sooner than the first step of the ladder: a wait for a lock timed out, or a peer
//! restarts. So each message gets a few tries in place. If it still fails, there are two cases:
//!
//! - The consumer completes other messages. The failing message takes a step of the ladder.
//! - The consumer completes no message, because a service or database is down. On the ladder, all messages
//!   would move from queue to queue, and wait minutes for a peer that is back in seconds. So the consumer
//!   holds them and retries in place. Each held message keeps its permit. When all permits are in use, the
//!   consumer takes no further messages.

use crate::outcome::Outcome;
use runtime::backoff;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// The longest time that a message is held. After that it always takes the ladder. Otherwise bad messages
/// could keep all permits and stop the queue forever.
pub(super) const MAX_HOLD: Duration = Duration::from_mins(1);

/// How many times a message is tried before it may take a step of the ladder. The waits between these tries
/// take about a second in total. The later steps of the ladder take minutes.
const MIN_TRIES: usize = 4;

/// Counts the messages that a consumer has completed.
#[derive(Default)]
pub(super) struct Progress(AtomicU64);

impl Progress {
    fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Handles a delivery and retries in place. Returns `None` if the broker must deliver it again: at
/// shutdown, or if the connection of the delivery is lost.
pub(super) async fn handle_with_retries<F: Future<Output = Outcome>>(
    progress: &Progress,
    max_hold: Duration,
    shutdown: &CancellationToken,
    is_connected: impl Fn() -> bool,
    mut handle: impl FnMut() -> F,
) -> Option<Outcome> {
    let started = Instant::now();
    let mut delays = backoff::reconnecting();
    let mut is_logged = false;
    let mut count_before = progress.count();
    let mut tries = 0;
    loop {
        tries += 1;
        let outcome = handle().await;
        let reason = match &outcome {
            Outcome::Retry(reason) => reason,
            Outcome::Postpone(_) | Outcome::Park(_) => return Some(outcome),
            Outcome::Done => {
                progress.increment();
                return Some(outcome);
            }
        };
        // Counted from the end of the last try. If another message was completed since then, the peer was
        // available for this message, too.
        let others_succeed = progress.count() != count_before;
        let delay = delays.next().unwrap_or(max_hold);
        let is_tried_enough = others_succeed && tries >= MIN_TRIES;
        if is_tried_enough || started.elapsed() + delay > max_hold {
            return Some(outcome);
        }
        count_before = progress.count();
        if !is_logged && tries >= MIN_TRIES {
            tracing::warn!(reason, "no message succeeds; holding this one");
            is_logged = true;
        }
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = shutdown.cancelled() => return None,
        }
        if !is_connected() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;

    fn retry() -> Outcome {
        Outcome::Retry("no answer".to_owned())
    }

    #[tokio::test]
    async fn a_message_is_retried_until_its_peer_is_back() {
        let (progress, shutdown) = (Progress::default(), CancellationToken::new());
        let mut tries = 0;
        let outcome = handle_with_retries(
            &progress,
            MAX_HOLD,
            &shutdown,
            || true,
            || {
                tries += 1;
                ready(if tries < 3 { retry() } else { Outcome::Done })
            },
        )
        .await;
        assert_eq!((outcome, tries, progress.count()), (Some(Outcome::Done), 3, 1));
    }

    #[tokio::test]
    async fn a_message_takes_the_ladder_while_others_succeed() {
        let (progress, shutdown) = (Progress::default(), CancellationToken::new());
        let mut tries = 0;
        let outcome = handle_with_retries(
            &progress,
            MAX_HOLD,
            &shutdown,
            || true,
            || {
                tries += 1;
                progress.increment();
                ready(retry())
            },
        )
        .await;
        assert_eq!((outcome, tries), (Some(retry()), MIN_TRIES));
    }

    #[tokio::test]
    async fn a_message_is_tried_often_enough_even_while_others_succeed() {
        let (progress, shutdown) = (Progress::default(), CancellationToken::new());
        let mut tries = 0;
        // Called after each wait. Meanwhile, the consumer completed another message.
        let is_connected = || {
            progress.increment();
            true
        };
        let handle = || {
            tries += 1;
            ready(if tries < MIN_TRIES { retry() } else { Outcome::Done })
        };
        let outcome = handle_with_retries(&progress, MAX_HOLD, &shutdown, is_connected, handle).await;
        assert_eq!(outcome, Some(Outcome::Done));
    }

    #[tokio::test]
    async fn a_message_is_not_held_longer_than_the_limit() {
        let (progress, shutdown) = (Progress::default(), CancellationToken::new());
        let outcome =
            handle_with_retries(&progress, Duration::ZERO, &shutdown, || true, || ready(retry())).await;
        assert_eq!(outcome, Some(retry()));
    }

    #[tokio::test]
    async fn a_held_message_has_no_outcome_at_shutdown_or_when_its_connection_is_lost() {
        let (progress, shutdown) = (Progress::default(), CancellationToken::new());
        shutdown.cancel();
        let outcome = handle_with_retries(&progress, MAX_HOLD, &shutdown, || true, || ready(retry())).await;
        assert_eq!(outcome, None);

        let open = CancellationToken::new();
        let lost = handle_with_retries(&progress, MAX_HOLD, &open, || false, || ready(retry())).await;
        assert_eq!(lost, None);
    }
}

//! Whose fault a failure is: the message's, or that of something all messages need.
//!
//! Most failures pass in less time than even the first step of the retry ladder takes: a lock that was
//! waited for too long, a peer that starts again. So each message gets a few tries in place. After
//! them, where other messages get through, a failing one is sent up the ladder and out of the way.
//! Where none does, a service or database is away: then sending them round would only churn the
//! queue and make each wait minutes for a peer that is back in seconds. So they are held and tried
//! again in place, and because each keeps its permit, the consumer takes no more: it pauses.

use crate::outcome::Outcome;
use runtime::backoff;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// How long a message is held for a peer. After that it takes the ladder all the same, so that not
/// even as many bad messages as there are permits can stop a queue for good.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// How often a message is tried before it may take a step of the ladder, which makes it wait for
/// minutes after a few; the tries take two seconds or so.
const SHORT_TRIES: usize = 4;

/// Counts what a consumer got done.
#[derive(Default)]
pub(super) struct Progress(AtomicU64);

impl Progress {
    fn made(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Handles a delivery, again and again where that is the better choice. `None` when it is to be left
/// to others: the process is to end, or the connection that would take the answer is gone.
pub(super) async fn persevere<F: Future<Output = Outcome>>(
    progress: &Progress,
    patience: Duration,
    shutdown: &CancellationToken,
    is_ours: impl Fn() -> bool,
    mut handle: impl FnMut() -> F,
) -> Option<Outcome> {
    let begun = Instant::now();
    let mut delays = backoff::reconnecting();
    let mut said = false;
    let mut before = progress.count();
    let mut tries = 0;
    loop {
        tries += 1;
        let outcome = handle().await;
        let reason = match &outcome {
            Outcome::Retry(reason) => reason,
            Outcome::Postpone(_) | Outcome::Park(_) => return Some(outcome),
            Outcome::Done => {
                progress.made();
                return Some(outcome);
            }
        };
        // Since the last try, its wait included: what others got done in that time says that the
        // peer was there for this one too.
        let others_get_through = progress.count() != before;
        let delay = delays.next().unwrap_or(patience);
        let enough = others_get_through && tries >= SHORT_TRIES;
        if enough || begun.elapsed() + delay > patience {
            return Some(outcome);
        }
        before = progress.count();
        if !said && tries >= SHORT_TRIES {
            tracing::warn!(reason, "holding the message while nothing gets through");
            said = true;
        }
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = shutdown.cancelled() => return None,
        }
        if !is_ours() {
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
    async fn a_message_is_held_until_its_peer_is_back() {
        let (progress, shutdown) = (Progress::default(), CancellationToken::new());
        let mut tries = 0;
        let outcome = persevere(
            &progress,
            PATIENCE,
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
    async fn where_others_get_through_the_message_takes_the_ladder() {
        let (progress, shutdown) = (Progress::default(), CancellationToken::new());
        let mut tries = 0;
        let outcome = persevere(
            &progress,
            PATIENCE,
            &shutdown,
            || true,
            || {
                tries += 1;
                progress.made();
                ready(retry())
            },
        )
        .await;
        assert_eq!((outcome, tries), (Some(retry()), SHORT_TRIES));
    }

    #[tokio::test]
    async fn the_first_that_gets_through_brings_the_others_along() {
        let (progress, shutdown) = (Progress::default(), CancellationToken::new());
        let mut tries = 0;
        // Asked after the wait: by then another message has got through.
        let is_ours = || {
            progress.made();
            true
        };
        let handle = || {
            tries += 1;
            ready(if tries < SHORT_TRIES { retry() } else { Outcome::Done })
        };
        let outcome = persevere(&progress, PATIENCE, &shutdown, is_ours, handle).await;
        assert_eq!(outcome, Some(Outcome::Done));
    }

    #[tokio::test]
    async fn patience_ends() {
        let (progress, shutdown) = (Progress::default(), CancellationToken::new());
        let outcome = persevere(&progress, Duration::ZERO, &shutdown, || true, || ready(retry())).await;
        assert_eq!(outcome, Some(retry()));
    }

    #[tokio::test]
    async fn what_is_held_is_left_to_others_at_the_end() {
        let (progress, shutdown) = (Progress::default(), CancellationToken::new());
        shutdown.cancel();
        let outcome = persevere(&progress, PATIENCE, &shutdown, || true, || ready(retry())).await;
        assert_eq!(outcome, None);

        let open = CancellationToken::new();
        let lost = persevere(&progress, PATIENCE, &open, || false, || ready(retry())).await;
        assert_eq!(lost, None);
    }
}

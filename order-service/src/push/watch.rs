//! Hints for staff that orders of the shop have changed. A client then reads its list again.

use super::hub::Hub;
use std::{future::pending, time::Duration};
use tokio::{
    sync::watch::Receiver,
    time::{Instant, sleep_until},
};

/// The time between two hints to one socket. It limits how often a client reads its list.
const HINT_INTERVAL: Duration = Duration::from_secs(1);

/// The hints to one socket. There are none until the socket starts to watch.
#[derive(Default)]
pub(super) struct Watch(Option<Started>);

struct Started {
    changes: Receiver<()>,
    interval: Duration,
    not_before: Instant,
}

impl Watch {
    /// Starts to watch. The first hint is due immediately, because orders may have changed since the client
    /// read its list.
    pub(super) fn start(hub: &Hub) -> Self {
        Self::with_interval(hub, HINT_INTERVAL)
    }

    fn with_interval(hub: &Hub, interval: Duration) -> Self {
        let mut changes = hub.watch();
        changes.mark_changed();
        Self(Some(Started { changes, interval, not_before: Instant::now() }))
    }

    /// Waits until a hint is due. Cancel safe.
    pub(super) async fn changed(&mut self) {
        let Some(Started { changes, interval, not_before }) = &mut self.0 else { return pending().await };
        // Wait for the interval first, so that events do not wake the socket in the meantime.
        if Instant::now() < *not_before {
            sleep_until(*not_before).await;
        }
        if changes.changed().await.is_err() {
            // This does not happen, because the hub outlives its sockets.
            return pending().await;
        }
        *not_before = Instant::now() + *interval;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::ids::{OrderId, UserId};
    use futures_util::FutureExt as _;

    fn is_due(watch: &mut Watch) -> bool {
        watch.changed().now_or_never().is_some()
    }

    fn publish_an_event(hub: &Hub) {
        hub.changed(UserId::new(), OrderId::new());
    }

    #[tokio::test]
    async fn several_changes_cause_one_hint() {
        let hub = Hub::default();
        let mut watch = Watch::with_interval(&hub, Duration::ZERO);
        assert!(is_due(&mut watch), "the first hint needs no change");
        assert!(!is_due(&mut watch));
        for _ in 0..1_000 {
            publish_an_event(&hub);
        }
        assert!(is_due(&mut watch));
        assert!(!is_due(&mut watch));
    }

    #[tokio::test]
    async fn a_change_soon_after_a_hint_waits_for_the_interval() {
        let hub = Hub::default();
        let mut watch = Watch::with_interval(&hub, Duration::from_hours(1));
        assert!(is_due(&mut watch));
        publish_an_event(&hub);
        assert!(!is_due(&mut watch));
        let mut other = Watch::start(&hub);
        assert!(is_due(&mut other), "each socket has its own interval");
        // The hint is delayed but not lost.
        watch.0.as_mut().unwrap().not_before = Instant::now();
        assert!(is_due(&mut watch));
    }

    #[tokio::test]
    async fn a_socket_that_does_not_watch_gets_no_hint() {
        let hub = Hub::default();
        let mut watch = Watch::default();
        publish_an_event(&hub);
        assert!(!is_due(&mut watch));
    }
}

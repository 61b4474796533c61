//! Ctrl-C and its kin: the first asks for an orderly end, the second insists.

use anyhow::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Tells of signals. Listening begins when it is made, and takes away their power to end the process at once.
#[derive(Debug, Clone)]
pub struct Shutdown {
    requested: CancellationToken,
    insisted: CancellationToken,
}

/// Somebody asked this process to end before it was done.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl Shutdown {
    /// Listens for SIGINT, SIGTERM and SIGHUP (a closed terminal).
    pub fn listen() -> Result<Self> {
        let shutdown = Self { requested: CancellationToken::new(), insisted: CancellationToken::new() };
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let told = shutdown.clone();
        tokio::spawn(async move {
            any(&mut interrupt, &mut terminate, &mut hang_up).await;
            told.requested.cancel();
            any(&mut interrupt, &mut terminate, &mut hang_up).await;
            told.insisted.cancel();
        });
        Ok(shutdown)
    }

    /// Waits for the first signal.
    pub async fn requested(&self) {
        self.requested.cancelled().await;
    }

    /// Waits for the second signal.
    pub async fn insisted(&self) {
        self.insisted.cancelled().await;
    }

    /// Does the work, unless a signal comes first; the work is then dropped with all that it has started.
    pub async fn unless<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        match self.requested.run_until_cancelled(work).await {
            Some(outcome) => outcome,
            None => Err(Interrupted.into()),
        }
    }
}

async fn any(interrupt: &mut Signal, terminate: &mut Signal, hang_up: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
}

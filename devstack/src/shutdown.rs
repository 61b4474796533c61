//! Signals such as Ctrl-C. The first one requests a clean shutdown, and the second one ends the program.

use anyhow::Result;
use runtime::lifecycle::is_hangup_ignored;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Waits for signals. While it exists, a signal does not end the process immediately.
#[derive(Debug, Clone)]
pub struct Shutdown {
    requested: CancellationToken,
    insisted: CancellationToken,
}

/// The work was interrupted by a signal.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl Shutdown {
    /// Listens for SIGINT, SIGTERM and SIGHUP (a closed terminal). Under `nohup`, SIGHUP remains ignored.
    pub fn listen() -> Result<Self> {
        let shutdown = Self { requested: CancellationToken::new(), insisted: CancellationToken::new() };
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = if is_hangup_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
        let told = shutdown.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = either(&mut interrupt, &mut terminate) => {}
                () = next(hang_up.as_mut()) => {}
            }
            told.requested.cancel();
            // A second SIGHUP does not count, because the kernel and the shell both send one for a closed
            // terminal.
            either(&mut interrupt, &mut terminate).await;
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

    /// Runs the work until it ends or a signal arrives. A signal drops the work and all processes that it has
    /// started.
    pub async fn unless<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        match self.requested.run_until_cancelled(work).await {
            Some(outcome) => outcome,
            None => Err(Interrupted.into()),
        }
    }
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

async fn next(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

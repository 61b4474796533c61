//! Ctrl-C and its kin: the first asks for an orderly end, the second insists.

use anyhow::Result;
use runtime::lifecycle::is_hangup_ignored;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Waits for signals. From its creation on, a signal does not end the process at once.
#[derive(Debug, Clone)]
pub struct Shutdown {
    requested: CancellationToken,
    insisted: CancellationToken,
}

/// A signal asked this process to end before its work was done.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl Shutdown {
    /// Listens for SIGINT, SIGTERM and SIGHUP (a closed terminal). SIGHUP stays ignored under `nohup`.
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
            // SIGHUP does not insist: a closed terminal sends it twice, from the kernel and from the shell.
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

    /// Does the work, unless a signal comes first; the work is then dropped with all that it has started.
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

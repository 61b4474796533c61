//! Ctrl-C and its kin: the first asks for an orderly end, the second insists.

use std::fs;

use anyhow::Result;
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
        let mut hang_up = if is_hang_up_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
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

/// Whether this process was started with SIGHUP ignored. A handler would end that.
fn is_hang_up_ignored() -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hang_up(&status))
}

/// Reads the mask of ignored signals in `/proc/<pid>/status`, proc(5). SIGHUP is the lowest bit.
fn ignores_hang_up(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nohup_is_recognised_by_the_mask_of_ignored_signals() {
        assert!(ignores_hang_up("SigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n"));
        assert!(!ignores_hang_up("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n"));
        assert!(!ignores_hang_up(""));
    }
}

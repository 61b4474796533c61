//! The tasks of a process, and its end. Used by the `main` of every service and worker.
//!
//! The first SIGTERM, SIGINT or SIGHUP drains the process. A token is cancelled, and the tasks finish their
//! work. A second signal, or the end of the deadline, stops the process. If a task ends, fails or panics
//! before a signal, the whole process ends. So its supervisor notices the failure.

use std::{future::Future, process::ExitCode, time::Duration};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::{Id, JoinError, JoinSet},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// How long a process may take to drain. Kubernetes kills it after 30 s.
const DRAIN_DEADLINE: Duration = Duration::from_secs(25);

/// The error of a task.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// The result of a task.
pub type TaskResult = Result<(), BoxError>;

/// The long-running tasks of a process.
#[derive(Default)]
pub struct Lifecycle {
    shutdown: CancellationToken,
    tasks: JoinSet<TaskResult>,
    names: Vec<(Id, &'static str)>,
}

/// Why a process failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The process cannot receive signals.
    #[error("cannot listen for signals: {0}")]
    Signals(#[from] std::io::Error),
    /// A task returned an error.
    #[error("{name} failed: {error}")]
    Failed {
        /// The task.
        name: &'static str,
        /// Its error.
        error: BoxError,
    },
    /// A task panicked.
    #[error("{name} panicked: {error}")]
    Panicked {
        /// The task.
        name: &'static str,
        /// The panic.
        error: JoinError,
    },
    /// A task returned before shutdown.
    #[error("{0} ended by itself")]
    EndedEarly(&'static str),
    /// Tasks were still busy at the deadline.
    #[error("still busy after {DRAIN_DEADLINE:?}: {0}")]
    DrainDeadline(String),
}

impl Lifecycle {
    /// The token that is cancelled at shutdown.
    #[must_use]
    pub fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Runs a task that lives as long as the process. It must return when the token of [`Self::shutdown`]
    /// is cancelled, and not before.
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = TaskResult> + Send + 'static) {
        let handle = self.tasks.spawn(task);
        self.names.push((handle.id(), name));
    }

    /// Waits for shutdown, and then for the end of all tasks.
    pub async fn run(mut self) -> Result<(), Failure> {
        let mut signals = EndSignals::listen()?;
        let shutdown = self.shutdown.clone();

        let ended = tokio::select! {
            () = signals.next() => Ok(()),
            early = self.tasks.join_next_with_id() => early.map_or(Ok(()), |end| self.outcome(end, false)),
        };
        match &ended {
            Ok(()) => tracing::info!("draining"),
            Err(failure) => tracing::error!(%failure, "draining"),
        }
        shutdown.cancel();

        let drained = tokio::select! {
            drained = timeout(DRAIN_DEADLINE, self.drain()) => drained.ok(),
            () = signals.next() => None,
        };
        let drained = drained.unwrap_or_else(|| Err(Failure::DrainDeadline(self.busy())));
        ended.and(drained)
    }

    async fn drain(&mut self) -> Result<(), Failure> {
        let mut first = Ok(());
        while let Some(end) = self.tasks.join_next_with_id().await {
            let outcome = self.outcome(end, true);
            first = first.and(outcome);
        }
        first
    }

    fn outcome(&mut self, end: Result<(Id, TaskResult), JoinError>, draining: bool) -> Result<(), Failure> {
        let id = end.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let name = self.names.iter().find(|(known, _)| *known == id).map_or("a task", |(_, name)| name);
        self.names.retain(|(known, _)| *known != id);
        match end {
            Err(error) => Err(Failure::Panicked { name, error }),
            Ok((_, Err(error))) => Err(Failure::Failed { name, error }),
            Ok((_, Ok(()))) if draining => Ok(()),
            Ok((_, Ok(()))) => Err(Failure::EndedEarly(name)),
        }
    }

    fn busy(&self) -> String {
        self.names.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
    }
}

/// The signals that end a process.
struct EndSignals {
    terminate: Signal,
    interrupt: Signal,
    /// `None` under `nohup`, which makes the process ignore SIGHUP.
    hangup: Option<Signal>,
}

impl EndSignals {
    fn listen() -> std::io::Result<Self> {
        let hangup = if is_hangup_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup,
        })
    }

    async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = hangup => {}
        }
    }
}

/// Whether this process was started with SIGHUP ignored, for example by `nohup`. A handler would undo that.
#[must_use]
pub fn is_hangup_ignored() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangup(&status))
}

/// Whether a process with this `/proc/PID/status` was started with SIGHUP ignored. The mask is hexadecimal,
/// and SIGHUP, number 1, is its lowest bit (proc(5)).
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// The exit code of `main`. Prints an error in one line on standard error.
#[must_use]
pub fn exit_code(process: &str, outcome: TaskResult) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{process}: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nohup_is_detected_in_the_mask_of_ignored_signals() {
        assert!(ignores_hangup("Name:\tx\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n"));
        assert!(!ignores_hangup("Name:\tx\nSigIgn:\t0000000000001000\n"));
        assert!(!ignores_hangup(""));
    }

    #[tokio::test]
    async fn a_failed_task_drains_the_others_and_is_named() {
        let mut lifecycle = Lifecycle::default();
        let shutdown = lifecycle.shutdown();
        let (drained, was_drained) = tokio::sync::oneshot::channel();
        lifecycle.spawn("patient", async move {
            shutdown.cancelled().await;
            drained.send(()).unwrap();
            Ok(())
        });
        lifecycle.spawn("broken", async { Err("no luck".into()) });
        assert_eq!(lifecycle.run().await.unwrap_err().to_string(), "broken failed: no luck");
        was_drained.await.unwrap();
    }

    #[tokio::test]
    async fn a_task_must_not_end_by_itself() {
        let mut lifecycle = Lifecycle::default();
        lifecycle.spawn("relay", async { Ok(()) });
        assert!(matches!(lifecycle.run().await, Err(Failure::EndedEarly("relay"))));
    }
}

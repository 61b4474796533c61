//! A slot for the process of a server or of a replica. The process can be stopped and started again.

use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::Signal;

use crate::process::Process;

#[derive(Debug)]
pub(crate) struct Slot {
    name: String,
    process: Mutex<Option<Arc<Process>>>,
}

impl Slot {
    pub(crate) fn empty(name: impl Into<String>) -> Self {
        Self { name: name.into(), process: Mutex::new(None) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Starts a process in the slot. Fails if a process still runs in it.
    pub(crate) fn fill(&self, start: impl FnOnce() -> Result<Process>) -> Result<Arc<Process>> {
        let mut slot = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.as_ref().is_some_and(|process| process.exit_status().is_none()) {
            bail!("{} is already running", self.name);
        }
        let process = Arc::new(start()?);
        *slot = Some(Arc::clone(&process));
        Ok(process)
    }

    /// The process that was started last, running or not.
    pub(crate) fn process(&self) -> Result<Arc<Process>> {
        let slot = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        slot.clone().with_context(|| format!("{} is not running", self.name))
    }

    /// The process and its exit status, if it has ended unexpectedly.
    pub(crate) fn unexpected_end(&self) -> Option<(Arc<Process>, ExitStatus)> {
        let process = self.process().ok()?;
        process.exit_status().map(|status| (process, status))
    }

    pub(crate) async fn stop(&self, grace: Duration) -> Result<()> {
        match self.take() {
            Some(process) => process.stop(grace).await.map(drop),
            None => Ok(()),
        }
    }

    pub(crate) async fn kill(&self) {
        if let Some(process) = self.take() {
            process.kill().await;
        }
    }

    pub(crate) fn pause(&self) -> Result<()> {
        self.process()?.signal(Signal::SIGSTOP)
    }

    pub(crate) fn resume(&self) -> Result<()> {
        self.process()?.signal(Signal::SIGCONT)
    }

    fn take(&self) -> Option<Arc<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

//! A child process. Its output is in a log file. The process ends at the latest when its value is dropped.

use std::fs::{self, File};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::leftovers::Record;
use crate::logs;

/// The time between two checks of a running process. A blocking wait would need a thread for each process.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// The time that the destructor waits for the process to end before it kills it.
const LAST_GRACE: Duration = Duration::from_secs(5);

/// The signals that end a process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending {
    /// Requests a clean shutdown, which may take a while.
    pub gentle: Signal,
    /// Ends the process immediately without loss of data. The destructor and a later sweep send it.
    pub prompt: Signal,
}

impl Ending {
    /// A service drains on SIGTERM. SIGKILL at any moment must not lose data.
    pub(crate) const SERVICE: Self = Self { gentle: Signal::SIGTERM, prompt: Signal::SIGKILL };
}

/// A child process. Dropping it ends and reaps it.
#[derive(Debug)]
pub struct Process {
    name: String,
    pid: Pid,
    child: Mutex<Child>,
    log: PathBuf,
    ending: Ending,
    /// The record of the process. Dropping this value removes the record.
    record: Option<Record>,
}

impl Process {
    /// Starts `command`, appends both of its outputs to `log`, and records it in `records`.
    ///
    /// The child has its own process group, so a Ctrl-C in the terminal reaches only this program. This
    /// program then ends its children in the right order.
    pub(crate) fn spawn(
        mut command: Command,
        name: &str,
        log: &Path,
        records: &Path,
        ending: Ending,
    ) -> Result<Self> {
        if let Some(folder) = log.parent() {
            fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        }
        let output = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("open {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}: {}", command.get_program().display()))?;
        let pid = i32::try_from(child.id()).context("process id")?;
        let mut process = Self {
            name: name.to_owned(),
            pid: Pid::from_raw(pid),
            child: Mutex::new(child),
            log: log.to_owned(),
            ending,
            record: None,
        };
        process.record = Record::write(records, name, pid, ending.prompt)?;
        Ok(process)
    }

    /// The name of the process in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// The log file of the process.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The exit status, or `None` while the process runs.
    #[must_use]
    pub fn exit_status(&self) -> Option<ExitStatus> {
        // `try_wait` fails only for a child that was reaped elsewhere. No other code reaps it.
        self.child().try_wait().ok().flatten()
    }

    /// Waits until the process has ended.
    pub async fn exited(&self) -> ExitStatus {
        loop {
            if let Some(status) = self.exit_status() {
                return status;
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Fails if the process has ended. The error has its name, its exit status and its last log lines.
    pub fn check_running(&self) -> Result<()> {
        match self.exit_status() {
            None => Ok(()),
            Some(status) => bail!(self.post_mortem(status)),
        }
    }

    /// Describes the exit status and the last log lines.
    #[must_use]
    pub fn post_mortem(&self, status: ExitStatus) -> String {
        let end = match status.signal() {
            Some(signal) => format!("was ended by signal {signal}"),
            None => format!("ended with exit code {}", status.code().unwrap_or_default()),
        };
        format!(
            "{} {end}; its last lines ({}):\n{}",
            self.name,
            self.log.display(),
            logs::tail(&self.log, 20)
        )
    }

    /// Sends a signal. Fails if the process has ended, because its id may belong to another process.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let mut child = self.child();
        if child.try_wait()?.is_some() {
            bail!("{} is not running", self.name);
        }
        kill(self.pid, signal).with_context(|| format!("send {signal} to {}", self.name))
    }

    /// Requests a clean shutdown and waits for it. After `grace`, kills the process and fails.
    pub async fn stop(&self, grace: Duration) -> Result<ExitStatus> {
        if let Some(status) = self.exit_status() {
            return Ok(status);
        }
        self.signal(self.ending.gentle)?;
        // A paused process handles the signal only after it resumes. An error is ignored, because the process
        // may have ended.
        let _ = self.signal(Signal::SIGCONT);
        if let Ok(status) = tokio::time::timeout(grace, self.exited()).await {
            return Ok(status);
        }
        self.kill().await;
        bail!(
            "{} did not end within {} s of {} and was killed",
            self.name,
            grace.as_secs(),
            self.ending.gentle
        )
    }

    /// Kills the process (SIGKILL), and waits until it has ended.
    pub async fn kill(&self) {
        let _ = self.signal(Signal::SIGKILL); // Fails if it has ended.
        self.exited().await;
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.signal(self.ending.prompt);
        let _ = self.signal(Signal::SIGCONT);
        let deadline = Instant::now() + LAST_GRACE;
        while self.exit_status().is_none() && Instant::now() < deadline {
            std::thread::sleep(POLL_INTERVAL);
        }
        let _ = self.signal(Signal::SIGKILL);
        let _ = self.child().wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(script: &str) -> (Process, PathBuf) {
        let folder =
            std::env::temp_dir().join(format!("process-{}-{}", std::process::id(), rand::random::<u32>()));
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let process =
            Process::spawn(command, "sh", &folder.join("sh.log"), &folder.join("run"), Ending::SERVICE)
                .unwrap();
        (process, folder)
    }

    #[tokio::test]
    async fn an_ended_process_is_reported_with_its_last_lines() {
        let (process, folder) = start("echo out; echo err >&2; exit 3");
        assert_eq!(process.exited().await.code(), Some(3));
        let error = process.check_running().unwrap_err().to_string();
        assert!(
            error.contains("sh ended with exit code 3") && error.contains("out\n") && error.contains("err"),
            "{error}"
        );
        assert!(process.signal(Signal::SIGTERM).is_err(), "its id may belong to another process");
        fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_paused_process_can_be_stopped() {
        let (process, folder) = start("trap 'exit 7' TERM; while :; do sleep 0.01; done");
        tokio::time::timeout(Duration::from_secs(5), async {
            while !process.log().exists() {
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        })
        .await
        .unwrap();
        process.signal(Signal::SIGSTOP).unwrap();
        process.stop(Duration::from_secs(5)).await.unwrap();
        fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn dropping_ends_and_reaps_the_process_and_removes_its_record() {
        let (process, folder) = start("sleep 60");
        let pid = process.pid();
        assert!(folder.join(format!("run/{pid}.json")).exists());
        drop(process);
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
        assert!(!folder.join(format!("run/{pid}.json")).exists());
        fs::remove_dir_all(folder).unwrap();
    }
}

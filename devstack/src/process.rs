//! One child process: started with its output in a log file, signalled by id, and never left behind.

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

/// How often a running process is looked at. Waiting on the pid itself would need a thread for each.
const GLANCE: Duration = Duration::from_millis(20);
/// How long the destructor waits for an orderly end before it kills.
const LAST_GRACE: Duration = Duration::from_secs(5);

/// The signals that end a process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending {
    /// Asks for an orderly end that may take a while.
    pub gentle: Signal,
    /// Ends it at once with nothing lost: what the destructor and a later sweep send.
    pub prompt: Signal,
}

impl Ending {
    /// A service drains on SIGTERM, and must survive SIGKILL at any moment.
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
    /// Gone with the process.
    record: Option<Record>,
}

impl Process {
    /// Starts `command` with both outputs appended to `log`, and notes it under `records`.
    ///
    /// The child gets a process group of its own: a Ctrl-C in the terminal reaches this program alone, which then
    /// ends its children in the right order.
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

    /// What it is called in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Its log file.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// How it ended; `None` while it runs.
    #[must_use]
    pub fn exit_status(&self) -> Option<ExitStatus> {
        // `try_wait` fails only for a child that was reaped elsewhere, which nobody does.
        self.child().try_wait().ok().flatten()
    }

    /// Waits until it has ended.
    pub async fn exited(&self) -> ExitStatus {
        loop {
            if let Some(status) = self.exit_status() {
                return status;
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Fails when it has ended, with its name, the way it ended and its last log lines.
    pub fn check_running(&self) -> Result<()> {
        match self.exit_status() {
            None => Ok(()),
            Some(status) => bail!(self.post_mortem(status)),
        }
    }

    /// Tells how it ended and what it said last.
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

    /// Sends a signal, unless it has ended: its id may belong to another by then.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let mut child = self.child();
        if child.try_wait()?.is_some() {
            bail!("{} is not running", self.name);
        }
        kill(self.pid, signal).with_context(|| format!("send {signal} to {}", self.name))
    }

    /// Asks for an orderly end, waits for it, and kills after `grace`. Fails when it had to be killed.
    pub async fn stop(&self, grace: Duration) -> Result<ExitStatus> {
        if let Some(status) = self.exit_status() {
            return Ok(status);
        }
        self.signal(self.ending.gentle)?;
        // A paused process sees the signal only when it goes on. It may be gone already: no reason to fail.
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

    /// Kills it (SIGKILL) and waits until it is gone.
    pub async fn kill(&self) {
        let _ = self.signal(Signal::SIGKILL); // Failing means that it is gone.
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
            std::thread::sleep(GLANCE);
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
    async fn the_end_of_a_process_tells_its_last_lines() {
        let (process, folder) = start("echo out; echo err >&2; exit 3");
        assert_eq!(process.exited().await.code(), Some(3));
        let error = process.check_running().unwrap_err().to_string();
        assert!(
            error.contains("sh ended with exit code 3") && error.contains("out\n") && error.contains("err"),
            "{error}"
        );
        assert!(process.signal(Signal::SIGTERM).is_err(), "its id may belong to another by now");
        fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_paused_process_can_be_stopped() {
        let (process, folder) = start("trap 'exit 7' TERM; while :; do sleep 0.01; done");
        tokio::time::timeout(Duration::from_secs(5), async {
            while !process.log().exists() {
                tokio::time::sleep(GLANCE).await;
            }
        })
        .await
        .unwrap();
        process.signal(Signal::SIGSTOP).unwrap();
        process.stop(Duration::from_secs(5)).await.unwrap();
        fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn dropping_ends_reaps_and_forgets() {
        let (process, folder) = start("sleep 60");
        let pid = process.pid();
        assert!(folder.join(format!("run/{pid}.json")).exists());
        drop(process);
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
        assert!(!folder.join(format!("run/{pid}.json")).exists());
        fs::remove_dir_all(folder).unwrap();
    }
}

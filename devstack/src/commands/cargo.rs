//! Runs programs that write to the terminal themselves, such as cargo and the compose validator.

use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context as _, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::Command;

use crate::instance;
use crate::shutdown::{Interrupted, Shutdown};

/// The time that an interrupted program has to end before it is killed.
const STOP_GRACE: Duration = Duration::from_secs(10);

/// Creates a command that runs in the checkout's top folder.
pub(crate) fn command(program: &str, args: &[&str]) -> Result<Command> {
    let mut command = Command::new(program);
    command.args(args).current_dir(instance::checkout()?);
    Ok(command)
}

/// Runs a command to its end. On a signal, interrupts the command and all processes that it started.
pub(crate) async fn run(mut command: Command, shutdown: &Shutdown) -> Result<ExitStatus> {
    let program = command.as_std().get_program().to_owned();
    let mut child =
        command.process_group(0).spawn().with_context(|| format!("cannot start {}", program.display()))?;
    let group = Group(child.id().and_then(|pid| i32::try_from(pid).ok()).map(Pid::from_raw));
    tokio::select! {
        status = child.wait() => Ok(status?),
        () = shutdown.requested() => {
            group.signal(Signal::SIGINT);
            // After the timeout, dropping the group kills the remaining processes.
            let _ = tokio::time::timeout(STOP_GRACE, child.wait()).await;
            Err(Interrupted.into())
        }
    }
}

/// The process group of a command, with all processes that it started. Dropping it kills them.
struct Group(Option<Pid>);

impl Group {
    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            let _ = killpg(group, signal); // Fails if the group is empty.
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}

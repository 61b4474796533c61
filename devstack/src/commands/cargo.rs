//! Programs that do a part of the work and talk to the terminal themselves: cargo, the compose validator.

use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context as _, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::Command;

use crate::instance;
use crate::shutdown::{Interrupted, Shutdown};

/// How long an interrupted program may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A command that runs in the checkout's top folder.
pub(crate) fn command(program: &str, args: &[&str]) -> Result<Command> {
    let mut command = Command::new(program);
    command.args(args).current_dir(instance::checkout()?);
    Ok(command)
}

/// Runs a command to its end; a signal is handed on to it and all that it started.
pub(crate) async fn run(mut command: Command, shutdown: &Shutdown) -> Result<ExitStatus> {
    let program = command.as_std().get_program().to_owned();
    let mut child =
        command.process_group(0).spawn().with_context(|| format!("cannot start {}", program.display()))?;
    let group = Group(child.id().and_then(|pid| i32::try_from(pid).ok()).map(Pid::from_raw));
    tokio::select! {
        status = child.wait() => Ok(status?),
        () = shutdown.requested() => {
            group.signal(Signal::SIGINT);
            // In time or not: what is left of it ends with the group.
            let _ = tokio::time::timeout(PATIENCE, child.wait()).await;
            Err(Interrupted.into())
        }
    }
}

/// All processes that a command has started, its own included; killed with the value.
struct Group(Option<Pid>);

impl Group {
    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            let _ = killpg(group, signal); // Failing means that nobody is left in it.
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}

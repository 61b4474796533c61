//! A program that is run to its end, with nothing set but what the test sets.

use std::{
    io,
    process::{Output, Stdio},
    time::Duration,
};
use tokio::process::Command;

/// A program that has not ended by then does not end by itself.
const DEADLINE: Duration = Duration::from_secs(20);

/// A program of this workspace.
pub struct Program(Command);

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    /// What it wrote to the standard output.
    pub stdout: String,
    /// What it wrote to the standard error.
    pub stderr: String,
}

impl Program {
    /// The built program of this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let mut command = Command::new(devstack::instance::program(name).expect("a built program"));
        command.env_clear().kill_on_drop(true).stdin(Stdio::null());
        Self(command)
    }

    /// With these variables.
    #[must_use]
    pub fn with(mut self, variables: &[(&str, &str)]) -> Self {
        self.0.envs(variables.iter().copied());
        self
    }

    /// With these arguments.
    #[must_use]
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.0.args(arguments);
        self
    }

    /// Runs it to its end.
    pub async fn ends(mut self) -> Ended {
        ended(self.0.output()).await
    }
}

/// Waits for the end of a program.
pub(crate) async fn ended(output: impl Future<Output = io::Result<Output>>) -> Ended {
    let output = tokio::time::timeout(DEADLINE, output).await.expect("it ends by itself");
    let output = output.expect("it can be started");
    Ended {
        code: output.status.code().expect("it is not ended by a signal"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

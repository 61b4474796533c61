//! Runs a program to its end. Its environment has only the variables that the test sets.

use std::{
    io,
    process::{Output, Stdio},
    time::Duration,
};
use tokio::process::Command;

/// The time limit of a program. A working program needs much less.
const DEADLINE: Duration = Duration::from_secs(20);

/// A program of this workspace.
pub struct Program(Command);

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Program {
    /// The built program with this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let mut command = Command::new(devstack::instance::program(name).expect("a built program"));
        command.env_clear().kill_on_drop(true).stdin(Stdio::null());
        Self(command)
    }

    /// Adds environment variables.
    #[must_use]
    pub fn with(mut self, variables: &[(&str, &str)]) -> Self {
        self.0.envs(variables.iter().copied());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.0.args(arguments);
        self
    }

    /// Runs the program and waits for its end.
    pub async fn ends(mut self) -> Ended {
        ended(self.0.output()).await
    }
}

/// Waits for the end of a program, up to the deadline.
pub(crate) async fn ended(output: impl Future<Output = io::Result<Output>>) -> Ended {
    let output = tokio::time::timeout(DEADLINE, output).await.expect("it ends by itself");
    let output = output.expect("it can be started");
    Ended {
        code: output.status.code().expect("it is not ended by a signal"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

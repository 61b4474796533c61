//! `./dev bench`: starts the benchmark, which is a separate program that uses this crate.

use std::process::ExitCode;

use anyhow::{Context as _, Result};

use super::cargo;
use crate::instance::{self, Instance};
use crate::shutdown::Shutdown;

pub(crate) async fn run(args: &[String], shutdown: &Shutdown) -> Result<ExitCode> {
    // The benchmark starts isolated systems, whose files are in this instance.
    let _instance = Instance::take_empty("test")?;
    let program = instance::program("bench")?;
    let mut command =
        cargo::command(program.to_str().context("the path of the checkout is not Unicode")?, &[])?;
    command.args(args);
    let status = cargo::run(command, shutdown).await?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! `./dev chaos`: random faults against steady load. What does it lives with the tests, which use this crate; here it
//! is only built and started.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use super::{cargo, programs};
use crate::instance::{Instance, SERVICE_PROGRAMS};
use crate::progress::{Progress, say};
use crate::shutdown::Shutdown;

pub(crate) async fn run(minutes: u32, seed: Option<u32>, shutdown: &Shutdown) -> Result<ExitCode> {
    // Tests keep what they start in this instance, and so does this.
    let instance = Instance::take_empty("test")?;
    let seed = seed.unwrap_or_else(rand::random);
    let begun = Instant::now();
    Progress::Shown.begin("Building the services so that they can be made to die at named moments");
    let programs = programs::build(instance.folder(), shutdown).await?;
    Progress::Shown.done("services", "", begun);

    // With the whole workspace, for which everything is built already.
    let mut command = cargo::command("cargo", &["test", "--quiet", "--workspace", "--test", "chaos"])?;
    command
        .env("SQLX_OFFLINE", "true")
        .env(SERVICE_PROGRAMS, programs)
        .env("FAULT_SEED", seed.to_string())
        .env("CHAOS_MINUTES", minutes.to_string());
    let status = cargo::run(command, shutdown).await?;
    let verdict = if status.success() { "Everything held" } else { "It did not hold" };
    say!("{verdict}. `./dev chaos --minutes {minutes} --seed {seed}` has the same faults in the same order.");
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

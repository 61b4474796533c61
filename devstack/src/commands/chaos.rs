//! `./dev chaos`: builds and starts the chaos test, which injects random faults under steady load. The test
//! itself is in `tests/`.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use super::{cargo, programs};
use crate::instance::{Instance, SERVICE_PROGRAMS};
use crate::progress::{Progress, say};
use crate::shutdown::Shutdown;

pub(crate) async fn run(minutes: u32, seed: Option<u32>, shutdown: &Shutdown) -> Result<ExitCode> {
    // The chaos test shares this instance with the other tests.
    let instance = Instance::take_empty("test")?;
    let seed = seed.unwrap_or_else(rand::random);
    let begun = Instant::now();
    Progress::Shown.begin("Building the services with crash points");
    let programs = programs::build(instance.folder(), shutdown).await?;
    Progress::Shown.done("services", "", begun);

    // `--workspace` avoids another build, because the whole workspace is built already.
    let mut command = cargo::command("cargo", &["test", "--quiet", "--workspace", "--test", "chaos"])?;
    command
        .env("SQLX_OFFLINE", "true")
        .env(SERVICE_PROGRAMS, programs)
        .env("FAULT_SEED", seed.to_string())
        .env("CHAOS_MINUTES", minutes.to_string());
    let status = cargo::run(command, shutdown).await?;
    let verdict = if status.success() { "All guarantees held" } else { "A guarantee did not hold" };
    say!("{verdict}. `./dev chaos --minutes {minutes} --seed {seed}` repeats these faults.");
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! Licences, bans, sources and advisories of all crates. cargo-deny checks them with `deny.toml`.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::commands::cargo;
use crate::instance;
use crate::progress::{Progress, say};
use crate::shutdown::Shutdown;

const VERSION: &str = "0.20.2";
/// The time limit to fetch the database of advisories.
const FETCH_TIMEOUT: Duration = Duration::from_mins(1);

pub(super) async fn check(shutdown: &Shutdown) -> Result<bool> {
    let program = install(shutdown).await?;
    let program = program.to_string_lossy();
    let rules = ["--log-level", "error", "check", "licenses", "bans", "sources"];
    let follows_rules = cargo::run(cargo::command(&program, &rules)?, shutdown).await?.success();
    let mut fetch = cargo::command(&program, &["fetch", "db"])?;
    fetch.stderr(Stdio::null());
    let fetched = tokio::time::timeout(FETCH_TIMEOUT, cargo::run(fetch, shutdown)).await;
    if !fetched.is_ok_and(|status| status.is_ok_and(|status| status.success())) {
        say!("Advisories are not checked, because their database cannot be reached");
        return Ok(follows_rules);
    }
    let advisories = ["--log-level", "error", "check", "--disable-fetch", "advisories"];
    let is_safe = cargo::run(cargo::command(&program, &advisories)?, shutdown).await?.success();
    Ok(follows_rules && is_safe)
}

/// Compiles cargo-deny if this version is missing. Returns the program.
async fn install(shutdown: &Shutdown) -> Result<PathBuf> {
    let folder = instance::checkout()?.join(".data/cargo-deny").join(VERSION);
    let program = folder.join("bin/cargo-deny");
    if !program.exists() {
        let begun = Instant::now();
        Progress::Shown.begin("Compiling cargo-deny");
        let root = folder.to_string_lossy();
        let arguments =
            ["install", "--quiet", "--locked", "--version", VERSION, "--root", &root, "cargo-deny"];
        let mut command = cargo::command("cargo", &arguments)?;
        // A folder of its own, which cargo removes afterwards.
        command.env_remove("CARGO_TARGET_DIR");
        ensure!(cargo::run(command, shutdown).await?.success(), "cargo-deny could not be compiled");
        Progress::Shown.done("cargo-deny", "", begun);
    }
    Ok(program)
}

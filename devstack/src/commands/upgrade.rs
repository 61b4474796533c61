//! `./dev upgrade-test`: builds the programs of another commit and starts a system with them. Customers place
//! orders while it upgrades this system to the programs of this checkout, and while it rolls back.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, ensure};

use super::{cargo, test};
use crate::instance::{self, Folder};
use crate::progress::say;
use crate::shutdown::Shutdown;

/// The variable with the folder of the previous release's programs, for `tests/faults/upgrade.rs`.
const PREVIOUS_PROGRAMS: &str = "PREVIOUS_PROGRAMS";
/// The variable that skips the rollback, because the previous release cannot start on a later schema.
const NO_ROLLBACK: &str = "NO_ROLLBACK";
const TEST: [&str; 7] = ["-p", "system-tests", "--test", "faults", "fault_24", "--", "--ignored"];

pub(crate) async fn run(commit: &str, no_rollback: bool, shutdown: &Shutdown) -> Result<ExitCode> {
    let folder = Folder::of("upgrade")?;
    folder.create()?;
    let source = folder.path("source");
    check_out(commit, &source, shutdown).await?;
    say!("Building the programs of {commit}");
    let target = folder.path("target");
    let mut build = cargo::command("cargo", &["build", "--quiet", "--workspace", "--bins"])?;
    build.current_dir(&source).env("SQLX_OFFLINE", "true").env("CARGO_TARGET_DIR", &target);
    ensure!(cargo::run(build, shutdown).await?.success(), "the programs of {commit} could not be built");

    let mut variables = vec![(PREVIOUS_PROGRAMS, target.join("debug"))];
    if no_rollback {
        variables.push((NO_ROLLBACK, "yes".into()));
    }
    test::run_with(&TEST.map(str::to_owned), variables, shutdown).await
}

/// Extracts the files of a commit into a folder. The files and the branch of the checkout do not change.
async fn check_out(commit: &str, folder: &Path, shutdown: &Shutdown) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir(folder)?;
    let mut command = cargo::command("sh", &["-c", r#"git archive "$0" | tar -x -C "$1""#, commit])?;
    command.arg(folder).current_dir(instance::checkout()?);
    let extracted = cargo::run(command, shutdown).await?.success() && folder.join("Cargo.toml").exists();
    ensure!(extracted, "`{commit}` is not a commit of this repository");
    Ok(())
}

//! Builds the programs for tests, with crash points.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::cargo;
use crate::instance::{self, Folder};
use crate::services::SERVICES;
use crate::shutdown::Shutdown;

/// Builds the services with `runtime::crash` into a separate folder, and returns the folder. The usual
/// programs do not change, so commands that run or build them are not affected.
pub(super) async fn build(folder: &Folder, shutdown: &Shutdown) -> Result<PathBuf> {
    // Build the whole workspace, like `./dev`. For some packages only, cargo would select other features of
    // the dependencies and compile the dependencies again.
    let arguments = ["build", "--quiet", "--workspace", "--bins"];
    let mut command = cargo::command("cargo", &arguments)?;
    command.args(["--features", "runtime/failpoints"]).env("SQLX_OFFLINE", "true");
    let status = cargo::run(command, shutdown).await?;
    ensure!(status.success(), "the programs could not be built for tests");

    let programs = folder.path("programs");
    fs::create_dir_all(&programs).with_context(|| format!("create {}", programs.display()))?;
    for service in &SERVICES {
        place(&instance::program(service.name)?, &programs.join(service.name))?;
    }
    // Both kinds are built now. This only restores the usual programs in their folder.
    let status = cargo::run(cargo::command("cargo", &arguments)?, shutdown).await?;
    ensure!(status.success(), "the usual programs could not be restored");
    Ok(programs)
}

/// Creates a hard link to the program, or a copy if the file system does not allow a link.
fn place(program: &Path, at: &Path) -> Result<()> {
    if fs::hard_link(program, at).is_err() {
        fs::copy(program, at).with_context(|| format!("copy {} to {}", program.display(), at.display()))?;
    }
    Ok(())
}

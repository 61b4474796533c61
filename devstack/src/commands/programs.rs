//! The programs as tests need them: with the moments at which they can be made to die.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::cargo;
use crate::instance::{self, Folder};
use crate::services::SERVICES;
use crate::shutdown::Shutdown;

/// Builds the services with `runtime::crash` into a folder of their own, and returns it. Whatever runs or builds the
/// usual ones meanwhile does not notice, nor do the tests.
pub(super) async fn build(folder: &Folder, shutdown: &Shutdown) -> Result<PathBuf> {
    // The whole workspace, as `./dev` builds it: for a part of it, other features of the dependencies would be chosen,
    // and all of them compiled once more.
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
    // Cargo has both kinds, and only puts the usual ones back in their place.
    let status = cargo::run(cargo::command("cargo", &arguments)?, shutdown).await?;
    ensure!(status.success(), "the usual programs could not be put back");
    Ok(programs)
}

/// A second name for the file where the file system allows it, else a copy.
fn place(program: &Path, at: &Path) -> Result<()> {
    if fs::hard_link(program, at).is_err() {
        fs::copy(program, at).with_context(|| format!("copy {} to {}", program.display(), at.display()))?;
    }
    Ok(())
}

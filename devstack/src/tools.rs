//! Installs the third-party Python tools of the tests, which `tests/tools/requirements.txt` locks, into a
//! separate folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::commands::cargo;
use crate::instance;
use crate::progress::Progress;
use crate::shutdown::Shutdown;

/// The variable with the folder of the programs, including `python3`.
pub const TEST_TOOLS: &str = "TEST_TOOLS";

/// Installs the tools if they do not match the lock file. Returns the folder with their programs.
pub(crate) async fn install(shutdown: &Shutdown) -> Result<PathBuf> {
    let checkout = instance::checkout()?;
    let lock = checkout.join("tests/tools/requirements.txt");
    let folder = checkout.join(".data/tools");
    // This file is written last. Without it, the installation was interrupted. It also contains the path of
    // the folder, because the installed programs do not run after a move.
    let installed = folder.join("installed");
    let programs = folder.join("bin");
    let wanted = fs::read_to_string(&lock).context("read tests/tools/requirements.txt")? + &text(&folder);
    if fs::read_to_string(&installed).unwrap_or_default() != wanted {
        let begun = Instant::now();
        Progress::Shown.begin("Installing the Python tools of the tests");
        run("python3", &["-m", "venv", "--clear", &text(&folder)], shutdown).await?;
        let python = text(&programs.join("python3"));
        let options = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "--no-deps",
        ];
        run(&python, &[&options[..], &["--requirement", &text(&lock)]].concat(), shutdown).await?;
        fs::write(&installed, wanted).context("record the installed tools")?;
        Progress::Shown.done("tools", "", begun);
    }
    Ok(programs)
}

async fn run(program: &str, args: &[&str], shutdown: &Shutdown) -> Result<()> {
    let status = cargo::run(cargo::command(program, args)?, shutdown).await?;
    ensure!(status.success(), "{program} failed");
    Ok(())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

//! Programs of others that tests run: what `tests/tools/requirements.txt` locks, in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::commands::cargo;
use crate::instance;
use crate::progress::Progress;
use crate::shutdown::Shutdown;

/// Names the folder with their programs, `python3` among them.
pub const TEST_TOOLS: &str = "TEST_TOOLS";

/// Installs them, unless they are as the lock says, and returns the folder with their programs.
pub(crate) async fn install(shutdown: &Shutdown) -> Result<PathBuf> {
    let checkout = instance::checkout()?;
    let lock = checkout.join("tests/tools/requirements.txt");
    let folder = checkout.join(".data/tools");
    // Written last: a folder without it is the rest of an installation that was broken off. The installed programs
    // name the folder, and do not run where it was moved to.
    let installed = folder.join("installed");
    let programs = folder.join("bin");
    let wanted = fs::read_to_string(&lock).context("read tests/tools/requirements.txt")? + &text(&folder);
    if fs::read_to_string(&installed).unwrap_or_default() != wanted {
        let begun = Instant::now();
        Progress::Shown.begin("Installing what tests need of Python");
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
        fs::write(&installed, wanted).context("write down what is installed")?;
        Progress::Shown.done("tools", "", begun);
    }
    Ok(programs)
}

async fn run(program: &str, args: &[&str], shutdown: &Shutdown) -> Result<()> {
    let status = cargo::run(cargo::command(program, args)?, shutdown).await?;
    ensure!(status.success(), "{program} has failed");
    Ok(())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

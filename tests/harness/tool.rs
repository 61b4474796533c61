//! Programs outside this workspace that `./dev test` has installed.

use devstack::tools::TEST_TOOLS;
use std::path::PathBuf;
use tokio::process::Command;

/// A command for the installed program with this name. The other installed programs are on its `PATH`.
#[must_use]
pub fn tool(name: &str) -> Command {
    let folder = std::env::var_os(TEST_TOOLS).map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| {
        panic!("{TEST_TOOLS} is not set; `./dev test` sets it where it could install them")
    });
    // A program of the system, such as a shell, is not in the folder. `PATH` finds it.
    let own = folder.join(name);
    let mut command = if own.is_file() { Command::new(own) } else { Command::new(name) };
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&others)));
    command.env("PATH", path.expect("folders without a colon")).kill_on_drop(true);
    command
}

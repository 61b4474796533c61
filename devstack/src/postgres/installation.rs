//! Finds PostgreSQL's server programs on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use nix::unistd::{User, geteuid};

/// The programs of one PostgreSQL version, and the user who runs them.
#[derive(Debug)]
pub(super) struct Installation {
    pub programs: PathBuf,
    pub version: u32,
    /// The user to switch to, because PostgreSQL refuses to run as root. `None` if this process is not root.
    pub user: Option<User>,
}

impl Installation {
    /// Finds the newest version on this machine, or the version that created the data in `home`.
    pub(super) fn find(home: &Path) -> Result<Self> {
        let user = if geteuid().is_root() {
            let user = User::from_name("postgres")?;
            Some(user.context("PostgreSQL does not run as root, and there is no user `postgres`")?)
        } else {
            None
        };
        let made_by = fs::read_to_string(home.join("data/PG_VERSION")).ok();
        let made_by = made_by.and_then(|version| version.trim().parse::<u32>().ok());
        let mut found: Vec<_> =
            candidates().into_iter().filter_map(|folder| Some((version(&folder)?, folder))).collect();
        found.sort_by_key(|(version, _)| *version);
        if found.is_empty() {
            bail!("PostgreSQL's server programs are missing (Debian and Ubuntu: apt-get install postgresql)");
        }
        let fitting =
            found.into_iter().rev().find(|(version, _)| made_by.is_none_or(|made_by| made_by == *version));
        let (version, programs) = fitting.with_context(|| {
            format!(
                "{} was created by PostgreSQL {}, which is missing; remove the folder to create it again",
                home.display(),
                made_by.unwrap_or_default()
            )
        })?;
        Ok(Self { programs, version, user })
    }
}

/// The folders that may contain server programs: the folders on the PATH, and those of Debian. Debian's are
/// not on the PATH.
fn candidates() -> Vec<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = debian.chain(std::env::split_paths(&path));
    folders.filter(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file()).collect()
}

fn version(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    major_version(&String::from_utf8_lossy(&output.stdout))
}

/// Parses the `15` of `postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)` and of `postgres (PostgreSQL)
/// 15beta1`.
fn major_version(text: &str) -> Option<u32> {
    let version = text.split_whitespace().nth(2)?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_versions_are_parsed() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_version("nonsense"), None);
    }
}

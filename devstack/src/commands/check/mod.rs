//! `./dev check`: checks the code without starting the system.

mod dependencies;
mod imports;
mod layers;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use super::cargo;
use crate::instance;
use crate::progress::{Progress, complain};
use crate::shutdown::Shutdown;
use crate::web;

/// Runs all checks, the quick ones first. Fails with the names of the checks that found something.
pub(crate) async fn run(shutdown: &Shutdown) -> Result<ExitCode> {
    let checkout = instance::checkout()?;
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        let begun = Instant::now();
        if check.run(&checkout, shutdown).await? {
            Progress::Shown.done(name, "", begun);
        } else {
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("check failed: {}", failed.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}

const CHECKS: [(&str, Check); 9] = [
    ("format", Check::Program("cargo", &["fmt", "--all", "--check"])),
    ("layers", Check::Own(layers::check)),
    ("dependencies", Check::Dependencies),
    ("compose file", Check::Program("docker-compose", &["--env-file", ".env.example", "config", "--quiet"])),
    ("web client's lints", Check::Web("lint")),
    ("web client's unit tests", Check::Web("test")),
    ("lints", Check::Program("cargo", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
    (
        "docs/asyncapi.yaml and docs/problems.md",
        // The tests of the relay need a database.
        Check::Program(
            "cargo",
            &[
                "test",
                "--quiet",
                "--package",
                "contract",
                "--package",
                "messaging",
                "--lib",
                "--",
                "--skip",
                "relay::",
            ],
        ),
    ),
    // `--all-targets` does not include this test, because a plain `cargo test` does not run it.
    (
        "lints of the chaos test",
        Check::Program("cargo", &["clippy", "--workspace", "--test", "chaos", "--", "-D", "warnings"]),
    ),
];

enum Check {
    /// A program that prints its findings itself.
    Program(&'static str, &'static [&'static str]),
    /// A script of the web client.
    Web(&'static str),
    /// cargo-deny.
    Dependencies,
    /// A function that returns its findings, one per line.
    Own(fn(&Path) -> Result<Vec<String>>),
}

impl Check {
    async fn run(&self, checkout: &Path, shutdown: &Shutdown) -> Result<bool> {
        match self {
            Self::Program(program, args) => {
                let mut command = cargo::command(program, args)?;
                command.env("SQLX_OFFLINE", "true");
                Ok(cargo::run(command, shutdown).await?.success())
            }
            Self::Web(script) => {
                shutdown.unless(web::install(Progress::Shown)).await?;
                let command = cargo::command("npm", &["--prefix", "web", "run", "--silent", script])?;
                Ok(cargo::run(command, shutdown).await?.success())
            }
            Self::Dependencies => dependencies::check(shutdown).await,
            Self::Own(check) => {
                let findings = check(checkout)?;
                for finding in &findings {
                    complain!("{finding}");
                }
                Ok(findings.is_empty())
            }
        }
    }
}

/// Runs `cargo` with these arguments, and returns its standard output.
fn cargo_output(checkout: &Path, args: &[&str]) -> Result<Vec<u8>> {
    let output = std::process::Command::new("cargo").args(args).current_dir(checkout).output();
    let output = output.context("cannot start cargo")?;
    if !output.status.success() {
        bail!("cargo {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}

//! The sub-commands of `./dev`.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::commands::{bench, chaos, check, demo, prepare, status, test, up, upgrade};
use crate::progress::complain;
use crate::services::{self, Service};
use crate::shutdown::{Interrupted, Shutdown};

/// The exit code that shells use for a program that SIGINT ended: 128 + 2.
const INTERRUPTED: u8 = 130;

#[derive(Debug, Parser)]
#[command(name = "./dev", about = "Runs Orderflow on this machine")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts everything, follows five orders from start to end, and stops everything
    Demo,
    /// Starts everything, prints addresses and passwords, and runs until Ctrl-C
    Up {
        /// Runs N replicas of a service, as in order-processor=3. May be repeated
        #[arg(long, value_name = "NAME=N", value_parser = parse_scale)]
        scale: Vec<(&'static Service, usize)>,
        /// Opens the shop in a browser
        #[arg(long)]
        open: bool,
        /// Follows the logs of all services
        #[arg(long)]
        logs: bool,
        /// Rebuilds and restarts the programs whose sources change; serves the shop with live reload
        #[arg(long)]
        watch: bool,
    },
    /// Shows the addresses and passwords of a running `up`, and whether each service is ready
    Status,
    /// Runs all tests against real servers
    Test {
        /// Arguments for `cargo test`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Injects random faults under steady load, and then checks the guarantees
    Chaos {
        /// The duration of the faults in minutes
        #[arg(long, value_name = "N", default_value = "5", value_parser = minutes, allow_negative_numbers = true)]
        minutes: u32,
        /// The seed of an earlier run, which repeats its faults
        #[arg(long, value_name = "S", value_parser = seed, allow_negative_numbers = true)]
        seed: Option<u32>,
    },
    /// Upgrades from the programs of another commit and rolls back, while customers place orders
    UpgradeTest {
        /// The commit of the previous release
        commit: String,
        /// Skips the rollback, because the previous release cannot start on a later schema
        #[arg(long)]
        no_rollback: bool,
    },
    /// Measures the speed of the whole system
    #[command(disable_help_flag = true)]
    Bench {
        /// Arguments for the benchmark; --help lists them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Checks format, layers, licences, compose file and lints, and runs the web client's unit tests
    Check,
    /// Checks the SQL queries, and writes their offline data for the build
    Prepare,
}

// clap prints an error with `Display`, so this returns the text of the error.
fn parse_scale(text: &str) -> Result<(&'static Service, usize), String> {
    services::parse_scale(text).map_err(|error| error.to_string())
}

/// Runs the sub-command that the arguments name.
pub async fn run() -> ExitCode {
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) if error.use_stderr() => {
            let text = error.to_string();
            complain!("dev: {}", text.lines().next().unwrap_or_default().trim_start_matches("error: "));
            return ExitCode::from(2);
        }
        Err(help) => help.exit(),
    };
    match dispatch(command).await {
        Ok(code) => code,
        Err(error) if error.is::<Interrupted>() => {
            complain!("dev: interrupted; everything is stopped");
            ExitCode::from(INTERRUPTED)
        }
        Err(error) => {
            complain!("dev: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the command. A second signal drops the command, and destructors then end the processes that it has
/// started.
async fn dispatch(command: Command) -> Result<ExitCode> {
    let shutdown = Shutdown::listen()?;
    let work = async {
        match command {
            Command::Demo => demo::run(&shutdown).await,
            Command::Up { scale, open, logs, watch } => {
                up::run(&scale, up::Options { open, logs, watch }, &shutdown).await
            }
            Command::Status => status::run().await,
            Command::Test { args } => test::run(&args, &shutdown).await,
            Command::Chaos { minutes, seed } => chaos::run(minutes, seed, &shutdown).await,
            Command::UpgradeTest { commit, no_rollback } => {
                upgrade::run(&commit, no_rollback, &shutdown).await
            }
            Command::Bench { args } => bench::run(&args, &shutdown).await,
            Command::Check => check::run(&shutdown).await,
            Command::Prepare => prepare::run(&shutdown).await,
        }
    };
    tokio::select! {
        outcome = work => outcome,
        () = shutdown.insisted() => Err(Interrupted.into()),
    }
}

fn minutes(text: &str) -> Result<u32, &'static str> {
    text.parse().ok().filter(|minutes| (1..=1440).contains(minutes)).ok_or("expected 1 to 1440 minutes")
}

fn seed(text: &str) -> Result<u32, &'static str> {
    text.parse()
        .map_err(|_| "expected a whole number from 0 to 4294967295, such as the seed of an earlier run")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_accepts_the_flags_of_cargo() {
        let cli = Cli::try_parse_from(["./dev", "test", "-p", "contract", "--", "--nocapture"]).unwrap();
        assert!(
            matches!(cli.command, Command::Test { args } if args == ["-p", "contract", "--", "--nocapture"])
        );
    }

    #[test]
    fn the_first_line_names_a_bad_flag() {
        for (arguments, expected) in [
            (vec!["./dev", "up", "--scale", "nobody=2"], "there is no service `nobody`"),
            (vec!["./dev", "up", "--fast"], "unexpected argument '--fast'"),
            (vec!["./dev", "chaos", "--minutes", "0"], "'0' for '--minutes <N>': expected 1 to 1440 minutes"),
            (vec!["./dev", "chaos", "--seed", "often"], "'often' for '--seed <S>': expected a whole number"),
            (vec!["./dev", "chaos", "--seed", "-1"], "'-1' for '--seed <S>': expected a whole number"),
        ] {
            let error = Cli::try_parse_from(arguments).unwrap_err().to_string();
            assert!(error.lines().next().unwrap().contains(expected), "{error}");
        }
    }
}

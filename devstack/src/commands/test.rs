//! `./dev test`: runs all tests against real servers, which it starts and ends.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use anyhow::Result;
use sqlx::Connection as _;

use super::{cargo, programs};
use crate::database;
use crate::progress::{Progress, say};
use crate::servers::{AMQP_COUNTS_SECONDS, AMQP_MANAGEMENT_URL, AMQP_URL, POSTGRES_URL, Servers, join};
use crate::services::SERVICES;
use crate::shutdown::{Interrupted, Shutdown};
use crate::tools::{self, TEST_TOOLS};
use crate::{
    instance::{Instance, SERVICE_PROGRAMS},
    secrets::Secrets,
};

/// The variable with which the test runner is told how many tests to run at the same time.
const TEST_THREADS: &str = "RUST_TEST_THREADS";

pub(crate) async fn run(args: &[String], shutdown: &Shutdown) -> Result<ExitCode> {
    run_with(args, Vec::new(), shutdown).await
}

/// Runs the tests with further environment variables.
pub(super) async fn run_with(
    args: &[String],
    more: Vec<(&'static str, PathBuf)>,
    shutdown: &Shutdown,
) -> Result<ExitCode> {
    let instance = Instance::take_empty("test")?;
    let folder = instance.folder();
    let secrets = Secrets::of(folder)?;
    let tools = if needs_tools(args) { install_tools(shutdown).await? } else { None };
    let begun = Instant::now();
    Progress::Shown.begin("Building the services with crash points");
    let programs = programs::build(folder, shutdown).await?;
    Progress::Shown.done("services", "", begun);
    let start = async {
        Progress::Shown.begin("Starting PostgreSQL and RabbitMQ");
        let servers = Servers::start(folder, &secrets, Progress::Shown).await?;
        let variables = variables(&servers).await?;
        Ok((servers, variables))
    };
    let (servers, variables) = shutdown.unless(start).await?;

    let mut command = cargo::command("cargo", &["test"])?;
    if !names_packages(args) {
        command.arg("--workspace");
    }
    if !args.iter().any(|arg| arg == "--no-fail-fast") {
        command.arg("--no-fail-fast"); // One failure must not hide another.
    }
    command.args(args).envs(variables).env(SERVICE_PROGRAMS, programs);
    if env::var_os(TEST_THREADS).is_none() {
        command.env(TEST_THREADS, test_threads().to_string());
    }
    // Without this, curl and Python would use a proxy for addresses of this machine.
    command.envs(["NO_PROXY", "no_proxy"].map(|name| (name, "localhost,127.0.0.1,::1")));
    command.envs(more).envs(tools.map(|folder| (TEST_TOOLS, folder)));
    let status = cargo::run(command, shutdown).await;
    drop(servers); // Their data is not kept, so they are killed.
    Ok(match status?.code() {
        Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        None => ExitCode::FAILURE,
    })
}

/// The number of tests that run at the same time. The tests of the whole system mostly wait for other
/// processes, so there are more of them than cores.
fn test_threads() -> usize {
    2 * thread::available_parallelism().map_or(1, usize::from)
}

fn names_packages(args: &[String]) -> bool {
    let flags = args.iter().take_while(|arg| *arg != "--");
    flags.into_iter().any(|arg| arg.starts_with("-p") || arg.starts_with("--package"))
}

/// Returns whether the tests that cross processes run.
fn needs_tools(args: &[String]) -> bool {
    !names_packages(args) || args.iter().any(|arg| arg.contains("system-tests"))
}

/// Installs the tools. Without a network, for example, this fails. Then only the tests that need the tools
/// fail.
async fn install_tools(shutdown: &Shutdown) -> Result<Option<PathBuf>> {
    match tools::install(shutdown).await {
        Ok(folder) => Ok(Some(folder)),
        Err(error) if error.is::<Interrupted>() => Err(error),
        Err(error) => {
            say!("Cannot install the test tools, so the tests that need them will fail: {error:#}");
            Ok(None)
        }
    }
}

/// The environment variables that name the servers. `#[sqlx::test]` uses `DATABASE_URL` to create a database
/// for each test. The variables of the services name empty databases, for tests without `#[sqlx::test]`.
async fn variables(servers: &Servers) -> Result<Vec<(&'static str, String)>> {
    let postgres = servers.postgres_url()?;
    let mut variables = vec![
        ("SQLX_OFFLINE", "true".to_owned()),
        (POSTGRES_URL, postgres.reveal()),
        (AMQP_URL, join(&servers.default_amqp_urls()?)),
        (AMQP_MANAGEMENT_URL, servers.management_url()?.into()),
        (AMQP_COUNTS_SECONDS, servers.age_of_counts().as_secs().to_string()),
        // `#[sqlx::test]` does not support a list of servers.
        ("DATABASE_URL", postgres.reveal_each().swap_remove(0)),
    ];
    let mut connection = database::connect(&postgres).await?;
    for (database, variable) in SERVICES.iter().filter_map(|service| service.database) {
        let name = format!("orderflow_test_{database}");
        database::create(&mut connection, &name).await?;
        variables.push((variable, postgres.clone().with_database(&name).reveal()));
    }
    connection.close().await?;
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_package_replaces_the_workspace() {
        let args = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(names_packages(&args("-p contract")));
        assert!(names_packages(&args("--package=contract name")));
        assert!(!names_packages(&args("name -- -p")));
        assert!(needs_tools(&args("name")) && needs_tools(&args("-p system-tests --test system")));
        assert!(!needs_tools(&args("-p contract")));
    }
}

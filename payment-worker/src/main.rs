//! The worker that charges and refunds orders. It keeps the ledger of charges.

mod app;
mod charge;
mod config;
mod db;
mod handler;
mod http;
mod provider;
mod state;

use runtime::{lifecycle, telemetry};
use std::process::ExitCode;

// One thread is enough, because a worker mostly waits for other processes. More load needs more workers.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config: config::Config = runtime::config::parse();
    let outcome = match telemetry::init(&config.log) {
        Ok(()) => app::run(config).await,
        Err(error) => Err(error),
    };
    lifecycle::exit_code(env!("CARGO_PKG_NAME"), outcome)
}

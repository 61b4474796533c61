//! The worker that charges and refunds, and keeps the ledger of both.

mod app;
mod charge;
mod config;
mod db;
mod handler;
mod http;
mod provider;

use runtime::{lifecycle, telemetry};
use std::process::ExitCode;

// One thread: a worker waits for others most of its time, and there can be as many workers as there is work for.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config: config::Config = runtime::config::parse();
    let outcome = match telemetry::init(&config.log) {
        Ok(()) => app::run(config).await,
        Err(error) => Err(error),
    };
    lifecycle::exit_code(env!("CARGO_PKG_NAME"), outcome)
}

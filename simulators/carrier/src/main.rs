//! A simulated parcel carrier with the HTTP API and the webhooks that delivery-service uses. Its ledger
//! survives a restart. Tests read the ledger and switch faults on.

mod app;
mod config;
mod domain;
mod faults;
mod http;
mod journey;
mod ledger;
mod state;
#[cfg(test)]
mod testing;
mod webhooks;

use runtime::{lifecycle, telemetry};
use std::process::ExitCode;

// One thread is enough, and it leaves the cores to the services under test.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config: config::Config = runtime::config::parse();
    let outcome = match telemetry::init(&config.log) {
        Ok(()) => app::run(config).await,
        Err(error) => Err(error),
    };
    lifecycle::exit_code(env!("CARGO_PKG_NAME"), outcome)
}

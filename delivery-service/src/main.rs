//! The deliveries: shipments of completed orders, their hand-over to the carrier, and tracking.

mod app;
mod carrier;
mod config;
mod db;
mod domain;
mod handler;
mod http;
mod orders;
mod shipments;
mod state;

use runtime::{lifecycle, telemetry};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let config: config::Config = runtime::config::parse();
    let outcome = match telemetry::init(&config.log) {
        Ok(()) => app::run(config).await,
        Err(error) => Err(error),
    };
    lifecycle::exit_code(env!("CARGO_PKG_NAME"), outcome)
}

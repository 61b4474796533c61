//! order-service: accepts orders, keeps their status, publishes their events, and pushes the events to the
//! owners.

mod app;
mod backlog;
mod change;
mod config;
mod db;
mod domain;
mod handover;
mod http;
mod push;
mod recent;
mod state;
mod timers;

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

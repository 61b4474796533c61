//! The broker for staff: its queues and the parked messages. It keeps parked messages in its database.

mod amqp;
mod app;
mod config;
mod consumer;
mod db;
mod domain;
mod http;
mod management;
mod replay;
mod state;
mod watch;

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

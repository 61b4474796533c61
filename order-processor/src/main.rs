//! The worker that holds stock for new orders, hands it out once they are paid, and gives it back
//! when they are called off.

mod app;
mod catalog;
mod config;
mod handler;

use common::{lifecycle, telemetry};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let config: config::Config = common::config::parse();
    let outcome = match telemetry::init(&config.log) {
        Ok(()) => app::run(config).await,
        Err(error) => Err(error),
    };
    lifecycle::exit_code(env!("CARGO_PKG_NAME"), outcome)
}

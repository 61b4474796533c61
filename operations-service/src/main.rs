//! Shows the queues and the parked messages of the broker to staff. The service stores nothing itself.

mod app;
mod config;
mod http;
mod listing;
mod management;
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

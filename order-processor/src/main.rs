//! The worker that holds stock and discounts for new orders, commits those of paid orders, and releases those
//! of rejected, cancelled and refunded orders.

mod app;
mod catalog;
mod config;
mod discounts;
mod handler;

use runtime::{lifecycle, telemetry};
use std::process::ExitCode;

// One thread is enough, because the worker mostly waits for other services. Run more replicas for more work.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config: config::Config = runtime::config::parse();
    let outcome = match telemetry::init(&config.log) {
        Ok(()) => app::run(config).await,
        Err(error) => Err(error),
    };
    lifecycle::exit_code(env!("CARGO_PKG_NAME"), outcome)
}

//! The discounts: promotions, codes, prices, and the use of promotions by orders.

mod app;
mod catalogue;
mod config;
mod db;
mod domain;
mod http;
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

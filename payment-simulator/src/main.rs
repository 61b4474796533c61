//! A stand-in payment provider, speaking the part of Stripe's API that payment-worker uses. What it
//! captured survives it, can be asked for, and can be made to go wrong.

mod app;
mod config;
mod domain;
mod faults;
mod http;
mod ledger;
#[cfg(test)]
mod testing;

use runtime::{lifecycle, telemetry};
use std::process::ExitCode;

// One thread: it works little, and shares its cores with what is tried out with it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config: config::Config = runtime::config::parse();
    let outcome = match telemetry::init(&config.log) {
        Ok(()) => app::run(config).await,
        Err(error) => Err(error),
    };
    lifecycle::exit_code(env!("CARGO_PKG_NAME"), outcome)
}

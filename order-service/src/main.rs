//! order-service: takes orders, keeps their status, publishes their events, pushes them to their
//! owners.

mod app;
mod config;
mod db;
mod domain;
mod http;
mod push;
mod relay;

use clap::Parser;
use common::telemetry;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = config::Config::parse();
    telemetry::init(&config.log).map_err(anyhow::Error::from_boxed)?;
    app::run(config).await
}

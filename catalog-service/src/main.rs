//! The catalogue: products, their prices and stock, and reservations of stock for orders.

mod app;
mod config;
mod db;
mod domain;
mod http;

use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match app::run(config::Config::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("catalog-service: {error}");
            ExitCode::FAILURE
        }
    }
}

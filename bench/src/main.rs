//! `./dev bench`: measures the speed of the whole system, and of PostgreSQL and RabbitMQ alone in the same
//! run. All parts are real and durable. The load generator runs on the same machine.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people need no exact conversions"
)]

mod disk;
mod extent;
mod figures;
mod handles;
mod history;
mod load;
mod parts;
mod progress;
mod system;
mod usage;
mod wrk;

use anyhow::{Context as _, Result};
use clap::Parser;
use extent::Extent;
use figures::Figures;
use parts::Part;
use progress::say;
use std::{
    fs::{self, File},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};
use system::System;

/// Measures the speed of the whole system on this machine
#[derive(Parser)]
#[command(bin_name = "./dev bench")]
struct Options {
    /// The number of rounds of each figure; the table shows the median
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// The length of each round of a steady load
    #[arg(long, value_name = "SECONDS", default_value = "8", value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    /// The parts to measure; by default all but `growth`
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,
    /// The number of orders in the history of `growth`
    #[arg(long, value_name = "N", default_value = "10000000",
          value_parser = clap::value_parser!(u32).range(10_000..=100_000_000))]
    orders: u32,
    /// The file for the figures as JSON
    #[arg(long, value_name = "FILE", default_value = ".data/bench.json")]
    json: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<()> {
    handles::allow_enough()?;
    wrk::require_installed().await?;
    let extent = Extent {
        rounds: options.rounds,
        length: Duration::from_secs(options.seconds.into()),
        orders: options.orders,
    };
    let parts = if options.only.is_empty() { Part::DEFAULT.to_vec() } else { options.only };
    if parts.contains(&Part::Growth) {
        disk::has_room_for(extent.orders)?;
    }

    let writing = || format!("write {}", options.json.display());
    // Checks that the file is writable before the measurements, not after them.
    File::options().create(true).append(true).open(&options.json).with_context(writing)?;

    say("Starting the system");
    let mut system = System::start().await?;
    let mut figures = Figures::default();
    for part in parts {
        say(&format!("\n{part}"));
        let measured = part.measure(&mut system, extent).await;
        figures.extend(measured.with_context(|| format!("measure {part}"))?);
    }
    system.shut_down().await?;

    println!("\n{}", figures.markdown());
    let json = serde_json::to_vec_pretty(&figures)?;
    fs::write(&options.json, json).with_context(writing)?;
    println!("The figures as JSON: {}", options.json.display());
    Ok(())
}

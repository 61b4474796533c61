//! `./dev bench`: how fast the whole system is, beside what PostgreSQL and RabbitMQ can do on the same machine in the
//! same run. Everything is real and durable, and the load comes from this machine too.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures, for people to read"
)]

mod arena;
mod disk;
mod figures;
mod handles;
mod history;
mod load;
mod parts;
mod usage;
mod wrk;

use anyhow::{Context as _, Result};
use arena::Arena;
use clap::Parser;
use figures::Figures;
use parts::Part;
use std::{
    fs::{self, File},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

/// Measures how fast the whole system is on this machine
#[derive(Parser)]
#[command(bin_name = "./dev bench")]
struct Options {
    /// How often each figure is taken; the table has the median
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// How long each round of a steady load lasts
    #[arg(long, value_name = "SECONDS", default_value = "8", value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    /// Measures these parts only; all but `growth` where it is missing
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,
    /// How many orders `growth` has there
    #[arg(long, value_name = "N", default_value = "10000000",
          value_parser = clap::value_parser!(u32).range(10_000..=100_000_000))]
    orders: u32,
    /// Where the figures are written as JSON
    #[arg(long, value_name = "FILE", default_value = ".data/bench.json")]
    json: PathBuf,
}

/// How long and how often, and on top of how much.
#[derive(Clone, Copy)]
struct Extent {
    rounds: u32,
    length: Duration,
    orders: u32,
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
    wrk::is_there().await?;
    let extent = Extent {
        rounds: options.rounds,
        length: Duration::from_secs(options.seconds.into()),
        orders: options.orders,
    };
    let parts = if options.only.is_empty() { Part::USUAL.to_vec() } else { options.only };
    if parts.contains(&Part::Growth) {
        disk::has_room_for(extent.orders)?;
    }

    let writing = || format!("write {}", options.json.display());
    // Now, and not only when everything is measured.
    File::options().create(true).append(true).open(&options.json).with_context(writing)?;

    say("Starting the system");
    let mut arena = Arena::start().await?;
    let mut figures = Figures::default();
    for part in parts {
        say(&format!("\n{part}"));
        let measured = part.measure(&mut arena, extent).await;
        figures.extend(measured.with_context(|| format!("measure {part}"))?);
    }
    arena.shut_down().await?;

    println!("\n{}", figures.markdown());
    let json = serde_json::to_vec_pretty(&figures)?;
    fs::write(&options.json, json).with_context(writing)?;
    println!("The same as JSON: {}", options.json.display());
    Ok(())
}

/// Progress, for whoever waits; the table alone goes to standard output.
fn say(line: &str) {
    eprintln!("{line}");
}

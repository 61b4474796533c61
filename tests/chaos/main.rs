//! `./dev chaos`: random faults under steady load. At the end it prints the verdict of the checker.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::large_futures,
    reason = "a test that cannot continue panics with the reason"
)]

mod fault;
mod schedule;
mod system;

use schedule::Schedule;
use std::{io::Write, process::ExitCode, time::Duration};
use system::System;
use system_tests::{Checker, Load};
use tokio::time::{Instant, sleep};

/// The environment variable with the length of the run, set by `./dev chaos`.
const MINUTES: &str = "CHAOS_MINUTES";
/// Orders per second.
const RATE: u64 = 3;
/// The orders of one customer. They must fit into the first snapshot of a socket.
const ORDERS_EACH: u64 = 60;
/// The interval between two reports about the load.
const REPORT_INTERVAL: Duration = Duration::from_secs(15);

#[tokio::main]
async fn main() -> ExitCode {
    let minutes: u64 = std::env::var(MINUTES).map_or(1, |text| text.parse().expect("minutes"));
    let length = Duration::from_mins(minutes);
    let system = System::start().await;
    let orders = length.as_secs() * RATE;
    let customers = orders.div_ceil(ORDERS_EACH);
    let load = Load::on(system.shop());
    let load = load
        .customers(usize::try_from(customers).expect("a few"))
        .orders(usize::try_from(orders).expect("not too many"), length);
    let mut schedule = Schedule::of(load.seed());
    println!("{orders} orders of {customers} customers in {minutes} min");

    let began = Instant::now();
    let faults = async {
        while began.elapsed() < length {
            let (pause, fault) = schedule.draw();
            sleep(pause).await;
            say(began, &fault.to_string());
            system.inject(fault).await;
        }
        system.recovers().await;
        say(began, "no more faults; all orders must become final");
    };
    let outcome = load
        .during(async {
            tokio::select! {
                () = faults => {}
                () = reports(&system, began) => {}
            }
        })
        .await;

    let verdict = Checker::of(system.shop(), &outcome).expecting(system.poison()).settled().await;
    println!("\n{verdict}");
    if verdict.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Reports the progress of the orders from time to time.
async fn reports(system: &System, began: Instant) {
    loop {
        sleep(REPORT_INTERVAL).await;
        if let Some((placed, ended)) = system.orders().await {
            say(began, &format!("    {placed} orders placed, {ended} final"));
        }
    }
}

/// Prints a line with the time since the start. It ignores a closed output.
fn say(began: Instant, what: &str) {
    let seconds = began.elapsed().as_secs();
    drop(writeln!(std::io::stdout(), "  {:>2}:{:02}  {what}", seconds / 60, seconds % 60));
}

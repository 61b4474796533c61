//! What `./dev up` tells when everything runs: what to click first, and where everything is.

use anyhow::Result;

use crate::commands::system::System;
use crate::progress::say;
use crate::stack::Credentials;

pub(super) fn print(system: &System, customer: Option<&Credentials>) -> Result<()> {
    let shop = system.stack.gateway_url()?;
    say!("\nOrderflow is up:  {shop}\n");
    let account = match customer {
        Some(Credentials { username, password }) => format!("log in as {username}, password {password}"),
        None => "sign up".to_owned(),
    };
    say!("  Open it, add something to the basket, and check out:");
    say!("  {account}.");
    say!("  The order's page shows each step as it happens, until it is completed.\n");

    let staff = system.stack.staff();
    row(
        "Staff",
        &format!("{shop}/staff/orders"),
        &format!("{}, password {}", staff.username, staff.password),
    );
    row("API", &format!("{shop}/docs"), "");
    let broker = system.servers.default_amqp_url()?;
    let (user, password) = (broker.username(), broker.password().unwrap_or_default());
    let console = system.servers.management_url()?;
    row("RabbitMQ console", console.as_str(), &format!("{user}, password {password}"));
    row("RabbitMQ", system.stack.amqp_url()?.as_str(), "");
    row("PostgreSQL", system.servers.postgres_url()?.as_str(), "");
    for replica in system.stack.all_replicas() {
        let path = if replica.is_worker() { "/metrics" } else { "/docs" };
        let pid = replica.slot.process()?.pid();
        row(replica.slot.name(), &format!("{}{path}", replica.url()), &format!("process {pid}"));
    }
    say!("\nCtrl-C stops everything; orders are kept for the next `./dev up`. Logs:\n");
    Ok(())
}

fn row(name: &str, address: &str, detail: &str) {
    say!("  {}", format!("{name:<22} {address:<36} {detail}").trim_end());
}

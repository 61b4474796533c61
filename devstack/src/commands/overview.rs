//! The addresses and passwords of a running system. `./dev up` prints them after its start, and `./dev
//! status` prints them later.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::system::System;
use crate::instance::{self, Folder};
use crate::progress::say;
use crate::stack::Credentials;

/// The addresses, passwords and processes of a running system.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Overview {
    shop: String,
    /// `None` if another account has the customer's name.
    customer: Option<Credentials>,
    staff: Credentials,
    console: String,
    broker: Credentials,
    amqp: String,
    postgres: String,
    pub(super) replicas: Vec<Running>,
    logs: PathBuf,
}

/// One replica of a service.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Running {
    name: String,
    /// The base URL without a trailing slash.
    pub(super) url: String,
    /// The path of the most useful page.
    page: String,
    pid: i32,
}

impl Overview {
    /// Collects the overview of a system. `folder` has the files of the system.
    pub(super) fn of(system: &System, customer: Option<Credentials>, folder: &Folder) -> Result<Self> {
        let replicas = system.stack.all_replicas().into_iter().map(|replica| {
            Ok(Running {
                name: replica.slot.name().to_owned(),
                url: replica.url(),
                page: if replica.service.is_worker() { "/metrics" } else { "/openapi.json" }.to_owned(),
                pid: replica.slot.process()?.pid(),
            })
        });
        let broker = system.servers.default_amqp_url()?;
        Ok(Self {
            shop: system.stack.gateway_url()?,
            customer,
            staff: system.stack.staff(),
            console: system.servers.management_url()?.to_string(),
            broker: Credentials {
                username: broker.username().to_owned(),
                password: broker.password().unwrap_or_default().to_owned(),
            },
            amqp: system.stack.amqp_url()?.to_string(),
            postgres: system.servers.postgres_url()?.reveal(),
            replicas: replicas.collect::<Result<_>>()?,
            logs: folder.path("logs"),
        })
    }

    /// Writes the overview to a file for `./dev status`.
    pub(super) fn write(&self, folder: &Folder) -> Result<()> {
        instance::write_private(&file(folder), &serde_json::to_vec_pretty(self)?)
    }

    /// Reads the file. Returns `None` while the system starts or stops.
    pub(super) fn read(folder: &Folder) -> Result<Option<Self>> {
        match fs::read(file(folder)) {
            Ok(json) => Ok(Some(serde_json::from_slice(&json).context("read .data/up/overview.json")?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context("read .data/up/overview.json"),
        }
    }

    /// Removes the file.
    pub(super) fn forget(folder: &Folder) {
        let _ = fs::remove_file(file(folder)); // Fails if there is no file.
    }

    /// Prints the overview. `state` adds a text to the line of each replica.
    pub(super) fn print(&self, state: impl Fn(&Running) -> String) {
        say!("\nOrderflow is up:  {}\n", self.shop);
        let account = match &self.customer {
            Some(Credentials { username, password }) => format!("log in as {username}, password {password}"),
            None => "sign up".to_owned(),
        };
        say!("  Open it, add something to the basket, and check out:");
        say!("  {account}.");
        say!("  The order's page shows each step as it happens, until it is completed.\n");

        row("Staff", &format!("{}/staff/orders", self.shop), &account_of(&self.staff));
        row("API", &format!("{}/docs", self.shop), "");
        row("RabbitMQ console", &self.console, &account_of(&self.broker));
        row("RabbitMQ", &self.amqp, "");
        row("PostgreSQL", &self.postgres, "");
        for replica in &self.replicas {
            let detail = format!("process {} {}", replica.pid, state(replica));
            row(&replica.name, &format!("{}{}", replica.url, replica.page), &detail);
        }
        say!("\nLogs are in {}; `./dev up --logs` follows them.", self.logs.display());
    }
}

fn file(folder: &Folder) -> PathBuf {
    folder.path("overview.json")
}

fn account_of(Credentials { username, password }: &Credentials) -> String {
    format!("{username}, password {password}")
}

fn row(name: &str, address: &str, detail: &str) {
    say!("  {}", format!("{name:<22} {address:<36} {detail}").trim_end());
}

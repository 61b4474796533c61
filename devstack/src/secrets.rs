//! The passwords and keys of an instance.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};
use rand::RngExt as _;
use rand::distr::Alphanumeric;
use serde::{Deserialize, Serialize};

use crate::instance::{Folder, write_private};
use crate::services::SERVICES;

/// The passwords and keys of one instance. They are random and are created at the first use.
#[derive(Debug, Clone, Serialize, Deserialize)]
// An older folder may lack a secret. It gets a random one.
#[serde(default)]
pub(crate) struct Secrets {
    pub postgres: String,
    /// The password of each database's owner.
    pub databases: BTreeMap<String, String>,
    pub rabbitmq: String,
    pub staff: String,
    pub customer: String,
    pub payment_provider: String,
    pub carrier: String,
    pub carrier_webhook: String,
    /// The password of each program's user of RabbitMQ.
    pub brokers: BTreeMap<String, String>,
    /// The client secret of each program that gets tokens.
    pub clients: BTreeMap<String, String>,
}

impl Secrets {
    /// Creates random secrets.
    pub(crate) fn random() -> Self {
        Self {
            postgres: word(),
            databases: BTreeMap::new(),
            rabbitmq: word(),
            staff: word(),
            customer: word(),
            payment_provider: word(),
            carrier: word(),
            carrier_webhook: word(),
            brokers: BTreeMap::new(),
            clients: BTreeMap::new(),
        }
    }

    /// The password of a program's user of RabbitMQ.
    pub(crate) fn broker(&self, service: &str) -> Result<&str> {
        let password = self.brokers.get(service).map(String::as_str);
        password.with_context(|| format!("{service} does not use RabbitMQ"))
    }

    /// The client secret of a program.
    pub(crate) fn client(&self, service: &str) -> Result<&str> {
        let secret = self.clients.get(service).map(String::as_str);
        secret.with_context(|| format!("{service} has no tokens of its own"))
    }

    /// Reads the secrets of the folder. Creates and stores missing secrets.
    pub(crate) fn of(folder: &Folder) -> Result<Self> {
        let path = folder.path("secrets.json");
        let kept = if path.exists() {
            fs::read(&path).with_context(|| format!("read {}", path.display()))?
        } else {
            b"{}".to_vec()
        };
        let mut secrets: Self =
            serde_json::from_slice(&kept).with_context(|| format!("{} is damaged", path.display()))?;
        for service in &SERVICES {
            if let Some((database, _)) = service.database {
                secrets.databases.entry(database.to_owned()).or_insert_with(word);
            }
            if service.broker.is_some() {
                secrets.brokers.entry(service.name.to_owned()).or_insert_with(word);
            }
            if !service.scopes.is_empty() {
                secrets.clients.entry(service.name.to_owned()).or_insert_with(word);
            }
        }
        let all = serde_json::to_vec_pretty(&secrets)?;
        if all != kept {
            write_private(&path, &all)?;
        }
        Ok(secrets)
    }
}

impl Default for Secrets {
    fn default() -> Self {
        Self::random()
    }
}

/// Returns 24 random letters and digits, which need no quoting in a URL, a shell or a configuration file.
pub(crate) fn word() -> String {
    rand::rng().sample_iter(Alphanumeric).take(24).map(char::from).collect()
}

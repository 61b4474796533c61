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
    pub order_processor: String,
    pub payment_worker: String,
    pub payment_provider: String,
    pub order_service_broker: String,
    pub order_processor_broker: String,
    pub payment_worker_broker: String,
    pub operations_service_broker: String,
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
            order_processor: word(),
            payment_worker: word(),
            payment_provider: word(),
            order_service_broker: word(),
            order_processor_broker: word(),
            payment_worker_broker: word(),
            operations_service_broker: word(),
        }
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
        for (database, _) in SERVICES.iter().filter_map(|service| service.database) {
            secrets.databases.entry(database.to_owned()).or_insert_with(word);
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

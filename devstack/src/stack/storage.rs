//! What a stack owns on the servers: databases and a virtual host.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use sqlx::Connection as _;

use crate::broker::Broker;
use crate::database;
use crate::servers::Servers;
use crate::services::SERVICES;

/// How long a destructor may take to clean up servers that may be down.
const CLEAN_UP_DEADLINE: Duration = Duration::from_secs(10);

/// Databases and a virtual host. Those of an isolated stack go with the value.
#[derive(Debug)]
pub(crate) struct Storage {
    servers: Arc<Servers>,
    broker: Broker,
    name: String,
    isolated: bool,
}

impl Storage {
    /// Creates what is not there yet. `name` is part of the name of everything: lower-case letters and digits.
    pub(crate) async fn create(servers: &Arc<Servers>, name: &str, isolated: bool) -> Result<Self> {
        let broker = servers.broker(name)?;
        let storage = Self { servers: Arc::clone(servers), broker, name: name.to_owned(), isolated };
        let (databases, vhost) = tokio::join!(storage.create_databases(), storage.broker.create_vhost());
        databases.context("create the databases")?;
        vhost.context("create the virtual host")?;
        Ok(storage)
    }

    pub(crate) fn broker(&self) -> &Broker {
        &self.broker
    }

    pub(crate) fn vhost(&self) -> &str {
        self.broker.vhost()
    }

    pub(crate) fn database_url(&self, servers: &Servers, database: &str) -> Result<String> {
        Ok(servers.database_url(&self.database(database))?.into())
    }

    fn database(&self, database: &str) -> String {
        format!("{}_{database}", self.name)
    }

    fn databases(&self) -> impl Iterator<Item = String> {
        SERVICES.iter().filter_map(|service| service.database).map(|(database, _)| self.database(database))
    }

    async fn create_databases(&self) -> Result<()> {
        let mut connection = database::connect(&self.servers.postgres_url()?).await?;
        for database in self.databases() {
            database::create(&mut connection, &database).await?;
        }
        Ok(connection.close().await?)
    }

    async fn delete(&self) -> Result<()> {
        let databases = async {
            let mut connection = database::connect(&self.servers.postgres_url()?).await?;
            for database in self.databases() {
                database::drop(&mut connection, &database).await?;
            }
            anyhow::Ok(connection.close().await?)
        };
        // A client of its own: connections of the old one may belong to a runtime that is blocked by this destructor.
        let broker = self.servers.broker(self.vhost())?;
        let (databases, vhost) = tokio::join!(databases, broker.delete_vhost());
        databases.and(vhost)
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        if !self.isolated {
            return;
        }
        // A destructor cannot await, and may run inside a runtime: a thread with a runtime of its own can.
        // What cannot be deleted is left; the servers may be down on purpose, and are wiped with the next run.
        std::thread::scope(|scope| {
            let cleaner = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime
                    .block_on(async { tokio::time::timeout(CLEAN_UP_DEADLINE, self.delete()).await })??;
                anyhow::Ok(())
            });
            let _ = cleaner.join();
        });
    }
}

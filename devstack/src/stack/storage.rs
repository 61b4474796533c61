//! The databases and the virtual host of a stack.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;
use sqlx::Connection as _;

use crate::broker::Broker;
use crate::broker_users::BrokerUser;
use crate::database;
use crate::progress::say;
use crate::secrets::Secrets;
use crate::servers::Servers;
use crate::services::SERVICES;

/// The time that the destructor has to clean up the servers, which may be down.
const CLEAN_UP_DEADLINE: Duration = Duration::from_secs(10);

/// The databases and the virtual host of a stack. Dropping the value deletes those of an isolated stack.
#[derive(Debug)]
pub(crate) struct Storage {
    servers: Arc<Servers>,
    broker: Broker,
    secrets: Secrets,
    name: String,
    isolated: bool,
    /// The password of each database's owner. Empty if the server's user may not create users.
    owners: BTreeMap<String, String>,
}

impl Storage {
    /// Creates missing databases and users and the virtual host. `name` is part of all their names. It
    /// consists of lower-case letters and digits.
    pub(crate) async fn create(
        servers: &Arc<Servers>,
        secrets: &Secrets,
        name: &str,
        isolated: bool,
    ) -> Result<Self> {
        let broker = servers.broker(name)?;
        let owners = secrets.databases.clone();
        let mut storage = Self {
            servers: Arc::clone(servers),
            broker,
            secrets: secrets.clone(),
            name: name.to_owned(),
            isolated,
            owners,
        };
        if !storage.may_create_users().await.context("connect to PostgreSQL")? {
            say!(
                "The user of POSTGRES_URL cannot create users, so all services share it (ALTER ROLE … CREATEROLE)"
            );
            storage.owners.clear();
        }
        let (databases, vhost) = tokio::join!(storage.create_databases(), storage.create_vhost());
        databases.context("create the databases")?;
        vhost.context("create the virtual host")?;
        Ok(storage)
    }

    /// Creates or updates the virtual host and the services' users.
    pub(crate) async fn create_vhost(&self) -> Result<()> {
        self.broker.create_vhost().await?;
        let users = BrokerUser::all()
            .map(async |user| self.broker.admit(&user, self.secrets.broker(user.service)?).await);
        try_join_all(users).await.map(drop)
    }

    pub(crate) fn broker(&self) -> &Broker {
        &self.broker
    }

    pub(crate) fn vhost(&self) -> &str {
        self.broker.vhost()
    }

    /// The URL of a database, with the rights of its service.
    pub(crate) fn database_url(&self, servers: &Servers, database: &str) -> Result<String> {
        let name = self.database(database);
        let url = servers.postgres_url()?.with_database(&name);
        Ok(match self.owners.get(database) {
            Some(password) => url.with_user(&name, password).reveal(),
            None => url.reveal(),
        })
    }

    /// The URL of a database, with the rights of an administrator.
    pub(crate) fn administrator_url(&self, servers: &Servers, database: &str) -> Result<String> {
        Ok(servers.postgres_url()?.with_database(&self.database(database)).reveal())
    }

    fn database(&self, database: &str) -> String {
        format!("{}_{database}", self.name)
    }

    fn databases(&self) -> impl Iterator<Item = (&'static str, String)> {
        let databases = SERVICES.iter().filter_map(|service| service.database);
        databases.map(|(database, _)| (database, self.database(database)))
    }

    async fn may_create_users(&self) -> Result<bool> {
        let mut connection = database::connect(&self.servers.postgres_url()?).await?;
        let may = database::creates_users(&mut connection).await?;
        connection.close().await?;
        Ok(may)
    }

    async fn create_databases(&self) -> Result<()> {
        let server = self.servers.postgres_url()?;
        let mut connection = database::connect(&server).await?;
        for (database, name) in self.databases() {
            database::create(&mut connection, &name).await?;
            if let Some(password) = self.owners.get(database) {
                database::give_to_owner(&server.clone().with_database(&name), &name, password).await?;
            }
        }
        Ok(connection.close().await?)
    }

    async fn delete(&self) -> Result<()> {
        let databases = async {
            let mut connection = database::connect(&self.servers.postgres_url()?).await?;
            for (_, name) in self.databases() {
                database::drop(&mut connection, &name).await?;
            }
            anyhow::Ok(connection.close().await?)
        };
        // A new client, because the connections of the old one may belong to a runtime that this destructor
        // blocks.
        let broker = self.servers.broker(self.vhost())?;
        let vhost = async {
            broker.delete_vhost().await?;
            try_join_all(BrokerUser::all().map(async |user| broker.dismiss(&user).await)).await.map(drop)
        };
        let (databases, vhost) = tokio::join!(databases, vhost);
        databases.and(vhost)
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        if !self.isolated {
            return;
        }
        // A destructor cannot await and may run inside a runtime, so a new thread with its own runtime does
        // the work. Errors are ignored. A test may have stopped the servers, and the next run removes their
        // data.
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

//! A complete system of servers, services and catalogue, for `up` and `demo`.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;

use crate::catalogue;
use crate::progress::Progress;
use crate::servers::Servers;
pub(crate) use crate::stack::Lifetime;
use crate::stack::{Builder, Stack};
use crate::{instance::Instance, secrets::Secrets};

/// A running system. The processes are dropped before the servers that they use.
pub(crate) struct System {
    pub stack: Stack,
    pub servers: Arc<Servers>,
    lifetime: Lifetime,
}

impl System {
    /// Starts the described system in the folder of this instance, and loads the catalogue.
    pub(crate) async fn start(instance: &Instance, description: Builder, lifetime: Lifetime) -> Result<Self> {
        let folder = instance.folder();
        let progress = Progress::Shown;
        progress.begin("Starting PostgreSQL and RabbitMQ");
        let servers = Arc::new(Servers::start(folder, &Secrets::of(folder)?, progress).await?);

        progress.begin("Starting the services");
        let described = description.servers(&servers).in_folder(folder, lifetime);
        let stack = described.start_showing(progress).await?;

        progress.begin("Loading the catalogue");
        let begun = Instant::now();
        let loaded = catalogue::load(&stack).await?;
        progress.done(&loaded.to_string(), "", begun);
        Ok(Self { stack, servers, lifetime })
    }

    /// Shuts down the services. Also shuts down the servers if their data is kept. Dropping the value ends
    /// the servers of a temporary system, which saves the seconds that RabbitMQ needs to shut down.
    pub(crate) async fn shut_down(self) -> Result<()> {
        let begun = Instant::now();
        Progress::Shown.begin("Stopping");
        let services = self.stack.shut_down().await;
        let servers = match self.lifetime {
            Lifetime::Lasting => self.servers.shut_down().await,
            Lifetime::Passing => Ok(()),
        };
        drop(self);
        Progress::Shown.done("everything is stopped", "", begun);
        services.and(servers)
    }
}

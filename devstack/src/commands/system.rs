//! Servers, services and catalogue together, as `up` and `demo` need them.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;

use crate::catalogue;
use crate::instance::{Instance, Secrets};
use crate::progress::Progress;
use crate::servers::Servers;
pub(crate) use crate::stack::Lifetime;
use crate::stack::{Builder, Stack};

/// All of it, running. Processes are dropped before the servers they use.
pub(crate) struct System {
    pub stack: Stack,
    pub servers: Arc<Servers>,
    lifetime: Lifetime,
}

impl System {
    /// Starts everything that is described in this instance's folder, and loads the catalogue.
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

    /// Stops the services in good order, and the servers too where their data is kept. (RabbitMQ needs 6 s for that;
    /// those of a passing system are ended with the value.)
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

//! The description of a stack, and its start.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::try_join_all;

use super::Stack;
use super::gateway::{self, Gateway};
use super::storage::Storage;
use crate::ports;
use crate::progress::Progress;
use crate::servers::Servers;
use crate::services::{self, SERVICES};
use crate::{instance::Folder, secrets::Secrets};

/// Describes a stack. [`Builder::start`] reports wrong names.
#[derive(Debug, Default)]
pub struct Builder {
    scale: Vec<(String, usize)>,
    env: Vec<(String, String, String)>,
    servers: Option<Arc<Servers>>,
    private_servers: bool,
    gateway: bool,
    programs: Option<PathBuf>,
    folder: Option<(Folder, Lifetime)>,
}

/// The lifetime of a stack's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Lifetime {
    /// The next start in the same folder finds the data again. The stack uses the usual ports if they are
    /// free.
    Lasting,
    /// The data is deleted with the stack. Its names and ports are unique, so that any number of stacks can
    /// share servers.
    #[default]
    Passing,
}

impl Builder {
    /// Sets the number of replicas of a service. The default is one.
    #[must_use]
    pub fn scale(mut self, service: &str, replicas: usize) -> Self {
        self.scale.push((service.to_owned(), replicas));
        self
    }

    /// Does not start a service. [`Stack::scale`] can start it later.
    #[must_use]
    pub fn without(self, service: &str) -> Self {
        self.scale(service, 0)
    }

    /// Starts only this service.
    #[must_use]
    pub fn only(self, service: &str) -> Self {
        let others = SERVICES.iter().filter(|other| other.name != service);
        others.fold(self, |builder, other| builder.without(other.name))
    }

    /// Sets a variable for all replicas of a service.
    #[must_use]
    pub fn env(mut self, service: &str, name: &str, value: &str) -> Self {
        self.env.push((service.to_owned(), name.to_owned(), value.to_owned()));
        self
    }

    /// Uses these servers instead of those that the environment names.
    #[must_use]
    pub fn servers(mut self, servers: &Arc<Servers>) -> Self {
        self.servers = Some(Arc::clone(servers));
        self
    }

    /// Starts private servers, which can be killed without affecting another stack.
    #[must_use]
    pub fn private_servers(mut self) -> Self {
        self.private_servers = true;
        self
    }

    /// Also starts the gateway, with the replicas of the start. It serves the last build of the web client.
    #[must_use]
    pub fn gateway(mut self) -> Self {
        self.gateway = true;
        self
    }

    /// Starts the programs of another release from this folder.
    #[must_use]
    pub fn programs(self, folder: PathBuf) -> Self {
        Self { programs: Some(folder), ..self }
    }

    /// Keeps secrets, logs and files in this folder instead of a new folder for tests.
    #[must_use]
    pub(crate) fn in_folder(mut self, folder: &Folder, lifetime: Lifetime) -> Self {
        self.folder = Some((folder.clone(), lifetime));
        self
    }

    /// Starts all processes, and waits until they are ready.
    pub async fn start(self) -> Result<Stack> {
        self.start_showing(Progress::Hidden).await
    }

    pub(crate) async fn start_showing(self, progress: Progress) -> Result<Stack> {
        let mut counts = BTreeMap::from(SERVICES.each_ref().map(|service| (service.name, 1)));
        for (name, count) in &self.scale {
            let (service, count) = services::parse_scale(&format!("{name}={count}"))?;
            counts.insert(service.name, count);
        }
        let stack = self.prepare().await?;
        let mut started = Vec::new();
        for service in &SERVICES {
            let count = counts.get(service.name).copied().unwrap_or_default();
            started.extend(stack.add_replicas(service, count)?);
        }
        let begun = Instant::now();
        let ready = started.iter().map(async |replica| {
            replica.wait_until_ready(&stack.http).await?;
            progress.done(replica.slot.name(), "", begun);
            anyhow::Ok(())
        });
        try_join_all(ready).await?;
        if let Some(gateway) = &stack.gateway {
            let begun = Instant::now();
            stack.spawn_gateway(gateway)?;
            gateway.wait_until_ready(&stack.http).await?;
            progress.done(gateway.slot.name(), "", begun);
        }
        Ok(stack)
    }

    /// Prepares the stack without its processes.
    async fn prepare(self) -> Result<Stack> {
        let own_name = format!("t{:08x}", rand::random::<u32>());
        let (folder, lifetime) = match self.folder {
            Some(chosen) => chosen,
            None => (Folder::of("test")?.inner("stacks").inner(&own_name), Lifetime::Passing),
        };
        let isolated = lifetime == Lifetime::Passing;
        let name = if isolated { own_name } else { "orderflow".to_owned() };
        folder.create()?;
        let secrets = Secrets::of(&folder)?;
        let servers = match self.servers {
            Some(servers) => servers,
            None if self.private_servers => Arc::new(Servers::start_private(&folder).await?),
            None => Arc::new(Servers::from_env()?),
        };
        let mut overrides = Vec::new();
        if isolated {
            // The lowest cost of bcrypt, so that tests are fast.
            overrides.push(("user-service", "BCRYPT_COST".to_owned(), "4".to_owned()));
        }
        if self.gateway {
            overrides.push(("user-service", "TRUST_FORWARDED_FOR".to_owned(), "true".to_owned()));
        }
        for (service, name, value) in self.env {
            overrides.push((services::find(&service)?.name, name, value));
        }
        let port = |usual| if isolated { ports::free() } else { ports::free_or(usual) };
        let mut first_ports = BTreeMap::new();
        for service in &SERVICES {
            first_ports.insert(service.name, port(service.usual_port)?);
        }
        let gateway = self.gateway.then(|| port(gateway::USUAL_PORT)).transpose()?;
        if let Some(port) = gateway {
            // Browsers send a cookie to all ports of a host, so each stack needs its own cookie name.
            let name = format!("__Secure-session-{port}");
            overrides.insert(0, ("user-service", "SESSION_COOKIE_NAME".to_owned(), name));
        }
        Ok(Stack {
            storage: Storage::create(&servers, &secrets, &name, isolated).await?,
            folder,
            secrets,
            overrides: Mutex::new(overrides),
            programs: Mutex::new(self.programs),
            first_ports,
            gateway: gateway.map(Gateway::new),
            http: runtime::http_client::client(Duration::from_secs(5))?,
            replicas: Mutex::default(),
            servers,
        })
    }
}

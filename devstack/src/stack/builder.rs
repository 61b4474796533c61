//! What a stack is to be like.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::try_join_all;

use super::Stack;
use super::storage::Storage;
use crate::instance::{Folder, Secrets};
use crate::ports;
use crate::progress::Progress;
use crate::servers::Servers;
use crate::services::{self, SERVICES};

/// Describes a stack. Mistakes in names are reported by [`Builder::start`].
#[derive(Debug, Default)]
pub struct Builder {
    scale: Vec<(String, usize)>,
    env: Vec<(String, String, String)>,
    servers: Option<Arc<Servers>>,
    private_servers: bool,
    lasting: Option<Folder>,
}

impl Builder {
    /// Starts this many replicas of a service; one each where nothing is said.
    #[must_use]
    pub fn scale(mut self, service: &str, replicas: usize) -> Self {
        self.scale.push((service.to_owned(), replicas));
        self
    }

    /// Does not start a service; [`Stack::scale`] can later.
    #[must_use]
    pub fn without(self, service: &str) -> Self {
        self.scale(service, 0)
    }

    /// Sets a variable for every replica of a service.
    #[must_use]
    pub fn env(mut self, service: &str, name: &str, value: &str) -> Self {
        self.env.push((service.to_owned(), name.to_owned(), value.to_owned()));
        self
    }

    /// Runs on these servers instead of those that the environment names.
    #[must_use]
    pub fn servers(mut self, servers: &Arc<Servers>) -> Self {
        self.servers = Some(Arc::clone(servers));
        self
    }

    /// Runs on servers of its own, which can be killed without hurting another stack.
    #[must_use]
    pub fn private_servers(mut self) -> Self {
        self.private_servers = true;
        self
    }

    /// Keeps its data and secrets in this folder, to go on with them at the next start, and takes the usual ports
    /// where they are free.
    #[must_use]
    pub(crate) fn lasting_in(mut self, folder: &Folder) -> Self {
        self.lasting = Some(folder.clone());
        self
    }

    /// Starts everything, and waits until everything is ready.
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
        Ok(stack)
    }

    /// Everything but the processes.
    async fn prepare(self) -> Result<Stack> {
        let (folder, name, secrets) = if let Some(folder) = &self.lasting {
            (folder.clone(), "orderflow".to_owned(), Secrets::of(folder)?)
        } else {
            let name = format!("t{:08x}", rand::random::<u32>());
            (Folder::of("test")?.inner("stacks").inner(&name), name, Secrets::random())
        };
        folder.create()?;
        let servers = match self.servers {
            Some(servers) => servers,
            None if self.private_servers => Arc::new(Servers::start_private(&folder).await?),
            None => Arc::new(Servers::from_env()?),
        };
        let isolated = self.lasting.is_none();
        let mut overrides = Vec::new();
        if isolated {
            // bcrypt's least: a test is about what a password does, not about how long it takes.
            overrides.push(("user-service", "BCRYPT_COST".to_owned(), "4".to_owned()));
        }
        for (service, name, value) in self.env {
            overrides.push((services::find(&service)?.name, name, value));
        }
        let mut first_ports = BTreeMap::new();
        for service in &SERVICES {
            let port = if isolated { ports::free()? } else { ports::free_or(service.usual_port)? };
            first_ports.insert(service.name, port);
        }
        Ok(Stack {
            storage: Storage::create(&servers, &name, isolated).await?,
            folder,
            secrets,
            overrides: Mutex::new(overrides),
            first_ports,
            http: common::http::client::client(Duration::from_secs(5))?,
            replicas: Mutex::default(),
            servers,
        })
    }
}

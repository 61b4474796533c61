//! One running system with its own databases, virtual host and processes. Several systems may share the
//! servers.

mod accounts;
mod builder;
mod gateway;
mod replica;
mod storage;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::future::{join_all, try_join_all};
use reqwest::{Client, Url};

use crate::broker::Broker;
use crate::broker_users::BrokerUser;
use crate::logs;
use crate::servers::{Servers, join};
use crate::{
    instance::{self, Folder},
    secrets::Secrets,
};
use crate::{
    services::{self, SERVICES, Service},
    wiring::Wiring,
};
pub use accounts::Credentials;
use accounts::STAFF;
pub use builder::Builder;
pub(crate) use builder::Lifetime;
pub(crate) use gateway::Gateway;
pub(crate) use replica::Replica;
use storage::Storage;

/// Longer than the 25 s that a service has to drain.
const STOP_GRACE: Duration = Duration::from_secs(30);

/// A running system. Replicas are numbered from 1. Dropping the stack ends its processes. Dropping an
/// isolated stack also deletes its databases and virtual host.
#[derive(Debug)]
pub struct Stack {
    folder: Folder,
    secrets: Secrets,
    /// Additional variables: service, name and value.
    overrides: Mutex<Vec<(&'static str, String, String)>>,
    /// The folder with the programs of replicas that are started from now on. `None` is the usual folder.
    programs: Mutex<Option<PathBuf>>,
    /// The port of each service's first replica, even if there is none.
    first_ports: BTreeMap<&'static str, u16>,
    http: Client,
    // Fields are dropped in this order: first the processes, then the storage and the servers that they use.
    gateway: Option<Gateway>,
    replicas: Mutex<BTreeMap<&'static str, Vec<Arc<Replica>>>>,
    storage: Storage,
    servers: Arc<Servers>,
}

impl Stack {
    /// Describes a stack before its start.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base URL of a replica, without a trailing slash.
    pub fn url(&self, service: &str, replica: usize) -> Result<String> {
        Ok(self.replica(service, replica)?.url())
    }

    /// The base URL of the gateway, without a trailing slash.
    pub fn gateway_url(&self) -> Result<String> {
        Ok(self.gateway.as_ref().context("there is no gateway")?.url())
    }

    /// The process id of a replica.
    pub fn pid(&self, service: &str, replica: usize) -> Result<i32> {
        Ok(self.replica(service, replica)?.slot.process()?.pid())
    }

    /// Starts a stopped or killed replica on its old address, and waits until it is ready.
    pub async fn start(&self, service: &str, replica: usize) -> Result<()> {
        let replica = self.replica(service, replica)?;
        self.spawn(&replica)?;
        replica.wait_until_ready(&self.http).await
    }

    /// Starts a stopped or killed replica without waiting until it is ready.
    pub fn launch(&self, service: &str, replica: usize) -> Result<()> {
        self.spawn(&*self.replica(service, replica)?)
    }

    /// Waits until a started replica is ready.
    pub async fn wait_until_ready(&self, service: &str, replica: usize) -> Result<()> {
        self.replica(service, replica)?.wait_until_ready(&self.http).await
    }

    /// Shuts a replica down (SIGTERM), and waits until it has ended.
    pub async fn stop(&self, service: &str, replica: usize) -> Result<()> {
        self.replica(service, replica)?.slot.stop(STOP_GRACE).await
    }

    /// Kills a replica (SIGKILL), and waits until it has ended.
    pub async fn kill(&self, service: &str, replica: usize) -> Result<()> {
        self.replica(service, replica)?.slot.kill().await;
        Ok(())
    }

    /// The exit status of a replica that ended unexpectedly, or `None` while it runs.
    pub fn unexpected_end(&self, service: &str, replica: usize) -> Result<Option<ExitStatus>> {
        Ok(self.replica(service, replica)?.slot.unexpected_end().map(|(_, status)| status))
    }

    /// Freezes a replica (SIGSTOP). Its connections remain open and silent.
    pub fn pause(&self, service: &str, replica: usize) -> Result<()> {
        self.replica(service, replica)?.slot.pause()
    }

    /// Resumes a frozen replica (SIGCONT).
    pub fn resume(&self, service: &str, replica: usize) -> Result<()> {
        self.replica(service, replica)?.slot.resume()
    }

    /// Shuts a replica down and starts it again.
    pub async fn restart(&self, service: &str, replica: usize) -> Result<()> {
        self.stop(service, replica).await?;
        self.start(service, replica).await
    }

    /// Starts or stops replicas until `count` of them run, and waits until the new ones are ready.
    pub async fn scale(&self, service: &str, count: usize) -> Result<()> {
        let (service, count) = services::parse_scale(&format!("{service}={count}"))?;
        let mut removed = Vec::new();
        {
            let mut all = self.lock_replicas();
            let replicas = all.entry(service.name).or_default();
            while replicas.len() > count {
                removed.extend(replicas.pop());
            }
        }
        for replica in removed {
            replica.slot.stop(STOP_GRACE).await?;
        }
        let added = self.add_replicas(service, count)?;
        try_join_all(added.iter().map(|replica| replica.wait_until_ready(&self.http))).await?;
        Ok(())
    }

    /// Sets a variable for all replicas of a service that are started from now on.
    pub fn set_env(&self, service: &str, name: &str, value: &str) -> Result<()> {
        let service = services::find(service)?;
        let mut overrides = self.overrides.lock().unwrap_or_else(PoisonError::into_inner);
        overrides.push((service.name, name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Sets the folder with the programs of replicas that are started from now on, for example those of
    /// another release. `None` is the usual folder.
    pub fn use_programs(&self, folder: Option<PathBuf>) {
        *self.programs.lock().unwrap_or_else(PoisonError::into_inner) = folder;
    }

    /// The last lines of a replica's log.
    pub fn logs(&self, service: &str, replica: usize, lines: usize) -> Result<String> {
        let replica = self.replica(service, replica)?;
        Ok(logs::tail(&self.folder.log(replica.slot.name()), lines))
    }

    /// The URL of a service's database, with the rights of the service.
    pub fn database_url(&self, service: &str) -> Result<String> {
        self.storage.database_url(&self.servers, database_of(service)?)
    }

    /// The URL of a service's database, with the rights of an administrator.
    pub fn administrator_url(&self, service: &str) -> Result<String> {
        self.storage.administrator_url(&self.servers, database_of(service)?)
    }

    /// The URL of the virtual host for a service's own user.
    pub fn amqp_url_of(&self, service: &str) -> Result<Url> {
        self.amqp_urls_of(service)?.into_iter().next().context("there is no broker")
    }

    /// The URL of the virtual host for a service's own user, at each node of the broker.
    fn amqp_urls_of(&self, service: &str) -> Result<Vec<Url>> {
        let user = BrokerUser::of(service)?;
        let password = self.secrets.broker(user.service)?;
        let mut urls = self.servers.amqp_urls(self.storage.vhost())?;
        for url in &mut urls {
            let set = url.set_username(&user.name(self.storage.vhost()));
            let set = set.and_then(|()| url.set_password(Some(password)));
            set.ok().context("AMQP_URL is not the URL of a broker")?;
        }
        Ok(urls)
    }

    /// Creates the virtual host again if it was deleted, and restores the passwords and permissions of the
    /// services' users.
    pub async fn restore_broker(&self) -> Result<()> {
        self.storage.create_vhost().await
    }

    /// Kills the private broker, removes all its data and starts it again. Then creates the virtual host and
    /// the services' users.
    pub async fn lose_broker_data(&self) -> Result<()> {
        let broker = self.servers.rabbitmq()?;
        broker.kill().await;
        broker.lose_data()?;
        broker.start().await?;
        self.restore_broker().await
    }

    /// The URL of the virtual host, for an administrator.
    pub fn amqp_url(&self) -> Result<Url> {
        self.servers.amqp_url(self.storage.vhost())
    }

    /// The management API of the virtual host.
    #[must_use]
    pub fn broker(&self) -> &Broker {
        self.storage.broker()
    }

    /// The servers of the stack.
    #[must_use]
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// Creates a client of the public API that uses this replica of order-service.
    pub fn client(&self, order_service_replica: usize) -> Result<orderctl::Client> {
        let url = |service, replica| anyhow::Ok(self.url(service, replica)?.parse()?);
        let users = url("user-service", 1)?;
        let catalog = url("catalog-service", 1)?;
        let orders = url("order-service", order_service_replica)?;
        // A customer can order while these services are away, so the stack may run without them.
        let optional = |service| {
            let port = self.first_ports.get(service).copied().unwrap_or_default();
            anyhow::Ok(format!("http://127.0.0.1:{port}").parse()?)
        };
        let (payments, operations) = (optional("payment-worker")?, optional("operations-service")?);
        let (discounts, deliveries) = (optional("discount-service")?, optional("delivery-service")?);
        let endpoints = orderctl::Endpoints::services(
            users, catalog, discounts, orders, payments, deliveries, operations,
        );
        Ok(orderctl::Client::new(endpoints)?)
    }

    /// The folder with the files of the stack: `signing-key.pem`, `ledger.jsonl` and the logs.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Shuts down all processes. Returns the first error, but always stops all processes.
    pub async fn shut_down(&self) -> Result<()> {
        let mut outcomes = Vec::new();
        if let Some(gateway) = &self.gateway {
            outcomes.push(gateway.slot.stop(STOP_GRACE).await);
        }
        // Stop the workers first, because a draining worker still calls services.
        for workers in [true, false] {
            let replicas =
                self.all_replicas().into_iter().filter(|replica| replica.service.is_worker() == workers);
            let stops = replicas.map(async |replica| replica.slot.stop(STOP_GRACE).await);
            outcomes.extend(join_all(stops).await);
        }
        outcomes.into_iter().collect()
    }

    /// All replicas, including those that are stopped.
    pub(crate) fn all_replicas(&self) -> Vec<Arc<Replica>> {
        let all = self.lock_replicas();
        SERVICES.iter().filter_map(|service| all.get(service.name)).flatten().cloned().collect()
    }

    /// Starts the process of a replica.
    pub(crate) fn spawn(&self, replica: &Replica) -> Result<()> {
        let chosen = self.chosen_programs().map(|folder| folder.join(replica.service.name));
        // The previous release may lack a program that is new.
        let program = match chosen.filter(|program| program.exists()) {
            Some(program) => program,
            None => instance::program(replica.service.name)?,
        };
        let mut variables = vec![("LISTEN".to_owned(), replica.address())];
        variables.extend(self.variables(replica.service)?);
        replica.spawn(&program, variables, &self.folder)
    }

    pub(crate) fn gateway(&self) -> Option<&Gateway> {
        self.gateway.as_ref()
    }

    /// Starts the process of the gateway.
    pub(crate) fn spawn_gateway(&self, gateway: &Gateway) -> Result<()> {
        let replicas = self.lock_replicas();
        let upstreams = SERVICES.iter().filter_map(|service| {
            let replicas = replicas.get(service.name).map(Vec::as_slice).unwrap_or_default();
            let addresses: Vec<_> = replicas.iter().map(|replica| replica.address()).collect();
            // Caddy accepts no empty list. At the address of the missing first replica, nothing answers.
            let addresses = if addresses.is_empty() {
                format!("127.0.0.1:{}", self.first_ports.get(service.name)?)
            } else {
                addresses.join(" ")
            };
            Some((service.gateway?.upstreams, format!("to {addresses}")))
        });
        gateway.spawn(upstreams, &self.folder)
    }

    fn replica(&self, service: &str, number: usize) -> Result<Arc<Replica>> {
        let service = services::find(service)?;
        let all = self.lock_replicas();
        let replicas = all.get(service.name).map(Vec::as_slice).unwrap_or_default();
        let found = number.checked_sub(1).and_then(|index| replicas.get(index)).cloned();
        found.with_context(|| format!("there is no {}-{number}", service.name))
    }

    /// Starts replicas until there are `count`, and returns the new ones.
    fn add_replicas(&self, service: &'static Service, count: usize) -> Result<Vec<Arc<Replica>>> {
        let mut added = Vec::new();
        for number in 1..=count {
            if self.replica(service.name, number).is_ok() {
                continue;
            }
            let port = match self.first_ports.get(service.name) {
                Some(first) if number == 1 => *first,
                _ => crate::ports::free()?,
            };
            let replica = Arc::new(Replica::new(service, number, port));
            self.spawn(&replica)?;
            self.lock_replicas().entry(service.name).or_default().push(Arc::clone(&replica));
            added.push(replica);
        }
        Ok(added)
    }

    fn chosen_programs(&self) -> Option<PathBuf> {
        self.programs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn variables(&self, service: &Service) -> Result<Vec<(String, String)>> {
        let wiring = Wiring {
            database_url: &|database| self.storage.database_url(&self.servers, database),
            // The previous release has one user for all services.
            amqp_url: &|service| match self.chosen_programs() {
                Some(_) => Ok(join(&self.servers.amqp_urls(self.storage.vhost())?)),
                None => Ok(join(&self.amqp_urls_of(service)?)),
            },
            amqp_management_url: self.servers.management_url()?.into(),
            url_of: &|name| {
                format!("http://127.0.0.1:{}", self.first_ports.get(name).copied().unwrap_or_default())
            },
            staff: (STAFF, &self.secrets.staff),
            secrets: &self.secrets,
            folder: &self.folder,
        };
        let usual = wiring.variables(service)?.into_iter().map(|(name, value)| (name.to_owned(), value));
        let overrides = self.overrides.lock().unwrap_or_else(PoisonError::into_inner);
        let own = overrides.iter().filter(|(name, ..)| *name == service.name);
        // If two variables have the same name, the later one counts.
        Ok(usual.chain(own.map(|(_, name, value)| (name.clone(), value.clone()))).collect())
    }

    fn lock_replicas(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, Vec<Arc<Replica>>>> {
        self.replicas.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn database_of(service: &str) -> Result<&'static str> {
    let service = services::find(service)?;
    let (database, _) = service.database.with_context(|| format!("{} has no database", service.name))?;
    Ok(database)
}

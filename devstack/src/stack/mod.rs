//! One running system: own databases, own virtual host, own processes, on servers that others may share.

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
use crate::instance::{self, Folder, Secrets};
use crate::logs;
use crate::servers::{Servers, join};
use crate::services::{self, SERVICES, Service, Wiring};
pub use accounts::Credentials;
use accounts::STAFF;
pub use builder::Builder;
pub(crate) use builder::Lifetime;
pub(crate) use gateway::Gateway;
pub(crate) use replica::Replica;
use storage::Storage;

/// A service drains for at most 25 s.
const STOP_GRACE: Duration = Duration::from_secs(30);

/// A running system. Replicas are numbered from 1. Dropping it ends its processes and, for an isolated one, deletes
/// its databases and virtual host.
#[derive(Debug)]
pub struct Stack {
    folder: Folder,
    secrets: Secrets,
    /// Variables on top of the usual ones, by service.
    overrides: Mutex<Vec<(&'static str, String, String)>>,
    /// Where the programs are that are started from now on; the usual place where nothing is said.
    programs: Mutex<Option<PathBuf>>,
    /// Where the first replica of each service listens, or would.
    first_ports: BTreeMap<&'static str, u16>,
    http: Client,
    // Fields are dropped in this order: first the processes, then what they use.
    gateway: Option<Gateway>,
    replicas: Mutex<BTreeMap<&'static str, Vec<Arc<Replica>>>>,
    storage: Storage,
    servers: Arc<Servers>,
}

impl Stack {
    /// Describes a stack, to start it.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base URL of one replica, without a slash at its end.
    pub fn url(&self, service: &str, replica: usize) -> Result<String> {
        Ok(self.replica(service, replica)?.url())
    }

    /// The base URL of the gateway, without a slash at its end.
    pub fn gateway_url(&self) -> Result<String> {
        Ok(self.gateway.as_ref().context("there is no gateway")?.url())
    }

    /// The process id of one replica.
    pub fn pid(&self, service: &str, replica: usize) -> Result<i32> {
        Ok(self.replica(service, replica)?.slot.process()?.pid())
    }

    /// Starts a stopped or killed replica on its old address, and waits until it is ready.
    pub async fn start(&self, service: &str, replica: usize) -> Result<()> {
        let replica = self.replica(service, replica)?;
        self.spawn(&replica)?;
        replica.wait_until_ready(&self.http).await
    }

    /// Starts a stopped or killed replica and does not wait until it is ready.
    pub fn launch(&self, service: &str, replica: usize) -> Result<()> {
        self.spawn(&*self.replica(service, replica)?)
    }

    /// Waits until a started replica is ready.
    pub async fn wait_until_ready(&self, service: &str, replica: usize) -> Result<()> {
        self.replica(service, replica)?.wait_until_ready(&self.http).await
    }

    /// Stops a replica in good order (SIGTERM), and waits until it has ended.
    pub async fn stop(&self, service: &str, replica: usize) -> Result<()> {
        self.replica(service, replica)?.slot.stop(STOP_GRACE).await
    }

    /// Kills a replica (SIGKILL), and waits until it is gone.
    pub async fn kill(&self, service: &str, replica: usize) -> Result<()> {
        self.replica(service, replica)?.slot.kill().await;
        Ok(())
    }

    /// How a replica ended that was not asked to; `None` while it runs.
    pub fn unexpected_end(&self, service: &str, replica: usize) -> Result<Option<ExitStatus>> {
        Ok(self.replica(service, replica)?.slot.unexpected_end().map(|(_, status)| status))
    }

    /// Freezes a replica (SIGSTOP): its connections stay open and silent.
    pub fn pause(&self, service: &str, replica: usize) -> Result<()> {
        self.replica(service, replica)?.slot.pause()
    }

    /// Lets a frozen replica go on (SIGCONT).
    pub fn resume(&self, service: &str, replica: usize) -> Result<()> {
        self.replica(service, replica)?.slot.resume()
    }

    /// Stops a replica in good order and starts it again.
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

    /// Sets a variable for every replica of a service that is started from now on.
    pub fn set_env(&self, service: &str, name: &str, value: &str) -> Result<()> {
        let service = services::find(service)?;
        let mut overrides = self.overrides.lock().unwrap_or_else(PoisonError::into_inner);
        overrides.push((service.name, name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Takes the programs of replicas that are started from now on out of this folder, such as those of another release;
    /// `None` is the usual place.
    pub fn use_programs(&self, folder: Option<PathBuf>) {
        *self.programs.lock().unwrap_or_else(PoisonError::into_inner) = folder;
    }

    /// The last lines that a replica logged.
    pub fn logs(&self, service: &str, replica: usize, lines: usize) -> Result<String> {
        let replica = self.replica(service, replica)?;
        Ok(logs::tail(&self.folder.log(replica.slot.name()), lines))
    }

    /// The URL of a service's database, with the rights of the service.
    pub fn database_url(&self, service: &str) -> Result<String> {
        self.storage.database_url(&self.servers, database_of(service)?)
    }

    /// The URL of a service's database, with an administrator's rights.
    pub fn administrator_url(&self, service: &str) -> Result<String> {
        self.storage.administrator_url(&self.servers, database_of(service)?)
    }

    /// The URL of the virtual host for a service's own user, which may do what that service does.
    pub fn amqp_url_of(&self, service: &str) -> Result<Url> {
        self.amqp_urls_of(service)?.into_iter().next().context("there is no broker")
    }

    /// The same at each node of the broker.
    fn amqp_urls_of(&self, service: &str) -> Result<Vec<Url>> {
        let user = BrokerUser::of(service)?;
        let mut urls = self.servers.amqp_urls(self.storage.vhost())?;
        for url in &mut urls {
            let set = url.set_username(&user.name(self.storage.vhost()));
            let set = set.and_then(|()| url.set_password(Some(user.password(&self.secrets))));
            set.ok().context("AMQP_URL is not the URL of a broker")?;
        }
        Ok(urls)
    }

    /// Creates the virtual host anew where it was deleted, and gives the services' users back their passwords and
    /// permissions.
    pub async fn restore_broker(&self) -> Result<()> {
        self.storage.create_vhost().await
    }

    /// Kills the private broker, removes all of its data, and starts it again, with the virtual host and the services' users.
    pub async fn lose_broker_data(&self) -> Result<()> {
        let broker = self.servers.rabbitmq()?;
        broker.kill().await;
        broker.lose_data()?;
        broker.start().await?;
        self.restore_broker().await
    }

    /// The URL of the virtual host, for a user who may do everything.
    pub fn amqp_url(&self) -> Result<Url> {
        self.servers.amqp_url(self.storage.vhost())
    }

    /// The management API of the virtual host.
    #[must_use]
    pub fn broker(&self) -> &Broker {
        self.storage.broker()
    }

    /// The servers it runs on.
    #[must_use]
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// A client of the public API, which talks to this replica of order-service.
    pub fn client(&self, order_service_replica: usize) -> Result<orderctl::Client> {
        let url = |service, replica| anyhow::Ok(self.url(service, replica)?.parse()?);
        let users = url("user-service", 1)?;
        let catalog = url("catalog-service", 1)?;
        let orders = url("order-service", order_service_replica)?;
        // These need not run for what customers do.
        let optional = |service| {
            let port = self.first_ports.get(service).copied().unwrap_or_default();
            anyhow::Ok(format!("http://127.0.0.1:{port}").parse()?)
        };
        let (payments, operations) = (optional("payment-worker")?, optional("operations-service")?);
        let endpoints = orderctl::Endpoints::services(users, catalog, orders, payments, operations);
        Ok(orderctl::Client::new(endpoints)?)
    }

    /// Where its files are: `signing-key.pem`, `ledger.jsonl`, the logs.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Stops every process in good order. The first that could not be stopped so is the error; the others are stopped
    /// all the same.
    pub async fn shut_down(&self) -> Result<()> {
        let mut outcomes = Vec::new();
        if let Some(gateway) = &self.gateway {
            outcomes.push(gateway.slot.stop(STOP_GRACE).await);
        }
        // Workers first: a worker that drains still talks to services.
        for workers in [true, false] {
            let replicas = self.all_replicas().into_iter().filter(|replica| replica.is_worker() == workers);
            let stops = replicas.map(async |replica| replica.slot.stop(STOP_GRACE).await);
            outcomes.extend(join_all(stops).await);
        }
        outcomes.into_iter().collect()
    }

    /// The replicas that run, or should.
    pub(crate) fn all_replicas(&self) -> Vec<Arc<Replica>> {
        let all = self.lock_replicas();
        SERVICES.iter().filter_map(|service| all.get(service.name)).flatten().cloned().collect()
    }

    /// Starts the process of a replica.
    pub(crate) fn spawn(&self, replica: &Replica) -> Result<()> {
        let chosen = self.chosen_programs();
        let program = match chosen {
            Some(folder) => folder.join(replica.service.name),
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
            // Caddy takes no empty list: where the first replica would be, nobody answers.
            let addresses = if addresses.is_empty() {
                format!("127.0.0.1:{}", self.first_ports.get(service.name)?)
            } else {
                addresses.join(" ")
            };
            Some((service.upstreams?, format!("to {addresses}")))
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
            // The release before had one user for all services.
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
        // The later one of two with the same name holds.
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

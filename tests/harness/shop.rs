//! A running system, for tests.

use crate::{
    customer::{Customer, PASSWORD, unique},
    eventually::eventually_ok,
    provider::Provider,
    traffic,
};
use contract::users::{Login, Registration};
use devstack::{Broker, Credentials, Stack, services::SERVICES, stack::Builder};
use orderctl::{Client, Endpoints, Session};
use reqwest::{Method, RequestBuilder};
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};
use storage::DatabaseUrl;
use tokio::sync::{Mutex, OnceCell, Semaphore, SemaphorePermit};

/// The number of private shops that run at the same time. Each has about eight processes, which mostly wait.
/// Two cores must be enough for the suite.
const MAX_PRIVATE_SHOPS: u32 = 4;
static PRIVATE_SHOPS: Semaphore = Semaphore::const_new(MAX_PRIVATE_SHOPS as usize);
/// The shared system. It stops when the last test releases it. So its processes end with the tests.
static SHARED: Mutex<Weak<Stack>> = Mutex::const_new(Weak::new());

/// All tests have the same address and share its rate limits, so the limits must be high.
const NO_LIMIT: &str = "100000";

/// A running system.
pub struct Shop {
    stack: Arc<Stack>,
    broker: Broker,
    http: reqwest::Client,
    /// By replica of order-service. They are reused, because a new client reads all root certificates.
    clients: std::sync::Mutex<BTreeMap<usize, Client>>,
    /// They are reused too, because a login at PostgreSQL is slow.
    databases: std::sync::Mutex<BTreeMap<&'static str, PgPool>>,
    staff: OnceCell<Session>,
    // The last field: it is dropped after the processes.
    _permit: Option<SemaphorePermit<'static>>,
}

impl Shop {
    /// The shared shop, for tests that do not disturb other tests. It has two replicas of order-service, one
    /// of each other service, and a gateway.
    pub async fn shared() -> Self {
        let mut shared = SHARED.lock().await;
        let stack = match shared.upgrade() {
            Some(stack) => stack,
            None => Arc::new(launch(builder().scale("order-service", 2).gateway()).await),
        };
        *shared = Arc::downgrade(&stack);
        Self::on(stack, None)
    }

    /// A private shop with one replica of each service.
    pub async fn start() -> Self {
        Self::start_as(|builder| builder).await
    }

    /// A private shop with changes to its configuration.
    pub async fn start_as(describe: impl FnOnce(Builder) -> Builder) -> Self {
        Self::start_with(1, describe).await
    }

    /// A private shop that runs while no other private shop runs, for a test that needs all cores.
    pub async fn start_alone_as(describe: impl FnOnce(Builder) -> Builder) -> Self {
        Self::start_with(MAX_PRIVATE_SHOPS, describe).await
    }

    async fn start_with(permits: u32, describe: impl FnOnce(Builder) -> Builder) -> Self {
        let permit = PRIVATE_SHOPS.acquire_many(permits).await.expect("the semaphore is never closed");
        let stack = launch(describe(builder())).await;
        Self::on(Arc::new(stack), Some(permit))
    }

    /// Creates new clients for each shop, also on the shared system. A client cannot be shared, because it
    /// belongs to the runtime of the test that first uses it.
    fn on(stack: Arc<Stack>, permit: Option<SemaphorePermit<'static>>) -> Self {
        let broker = stack.servers().broker(stack.broker().vhost()).expect("the management API's address");
        let http = runtime::http_client::client(Duration::from_secs(15)).expect("an HTTP client");
        Self {
            stack,
            broker,
            http,
            clients: std::sync::Mutex::default(),
            databases: std::sync::Mutex::default(),
            staff: OnceCell::new(),
            _permit: permit,
        }
    }

    /// The processes of the system.
    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// The management API of RabbitMQ.
    #[must_use]
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// The payment provider.
    #[must_use]
    pub fn provider(&self) -> Provider<'_> {
        Provider::new(self)
    }

    /// A client without a login, for one replica of order-service.
    #[must_use]
    pub fn client(&self, replica: usize) -> Client {
        let mut clients = self.clients.lock().expect("no panic while it is locked");
        clients.entry(replica).or_insert_with(|| self.stack.client(replica).expect("a replica")).clone()
    }

    /// A request to the first replica of a service.
    pub fn request(&self, method: Method, service: &str, path: &str) -> RequestBuilder {
        let base = self.stack.url(service, 1).expect("a running service");
        self.http.request(method, format!("{base}{path}"))
    }

    /// A request to the gateway.
    pub fn request_at_gateway(&self, method: Method, path: &str) -> RequestBuilder {
        let base = self.stack.gateway_url().expect("a gateway");
        self.http.request(method, format!("{base}{path}"))
    }

    /// A client without a login, for the gateway.
    #[must_use]
    pub fn client_of_gateway(&self) -> Client {
        let address = self.stack.gateway_url().expect("a gateway").parse().expect("a URL");
        Client::new(Endpoints::gateway(&address)).expect("a client")
    }

    /// A new customer with an account, logged in. The username has a random suffix.
    pub async fn customer(&self, name: &str) -> Customer<'_> {
        let username = unique(name);
        let client = self.client(1);
        let registration = Registration {
            email: format!("{username}@example.com"),
            username: username.clone(),
            password: PASSWORD.to_owned(),
        };
        let user = client.register(&registration).await.expect("register");
        let credentials = Credentials { username, password: PASSWORD.to_owned() };
        let session = log_in(&client, credentials).await;
        Customer::new(self, user, session)
    }

    /// The session of a staff member.
    pub async fn staff(&self) -> &Session {
        self.staff.get_or_init(async || log_in(&self.client(1), self.stack.staff()).await).await
    }

    /// The database of a service, for data that no API shows.
    #[must_use]
    pub fn database(&self, service: &'static str) -> PgPool {
        let mut databases = self.databases.lock().expect("no panic while it is locked");
        let connect = || {
            let url = self.stack.database_url(service).expect("a service with a database");
            let servers = url.parse::<DatabaseUrl>().and_then(|url| url.servers()).expect("a PostgreSQL URL");
            match servers.as_slice() {
                [only] => PgPoolOptions::new().max_connections(1).connect_lazy_with(only.clone()),
                _ => storage::pool(&url, "tests", 1).expect("a PostgreSQL URL"),
            }
        };
        databases.entry(service).or_insert_with(connect).clone()
    }

    /// Waits until every event is published, every queue is empty, and no message is parked.
    pub async fn settles(&self) {
        let orders = self.database("order-service");
        let operations = self.database("operations-service");
        eventually_ok(
            "every event is published, every queue is empty, and no message is parked",
            async || {
                let unpublished: i64 = sqlx::query_scalar("select count(*) from outbox")
                    .fetch_one(&orders)
                    .await
                    .expect("count events");
                let parked: i64 =
                    sqlx::query_scalar("SELECT count(*) FROM parked_messages WHERE state = 'parked'")
                        .fetch_one(&operations)
                        .await
                        .expect("count parked messages");
                let queues = self.broker.queues().await.expect("list queues");
                let busy = queues.iter().filter(|queue| queue.name != traffic::TAP && queue.messages > 0);
                let busy: Vec<_> =
                    busy.map(|queue| format!("{} in {}", queue.messages, queue.name)).collect();
                if unpublished == 0 && parked == 0 && busy.is_empty() {
                    Ok(())
                } else {
                    Err(format!("{unpublished} to publish, {parked} parked, {}", busy.join(", ")))
                }
            },
        )
        .await;
    }

    /// The sum of a counter over all replicas of a service. Only samples that contain `label` count.
    pub async fn counted(&self, service: &str, counter: &str, label: &str) -> f64 {
        let mut sum = 0.0;
        for replica in 1..=self.replicas(service) {
            let base = self.stack.url(service, replica).expect("a replica");
            let Ok(answer) = self.http.get(format!("{base}/metrics")).send().await else { continue };
            let text = answer.text().await.expect("metrics");
            let samples = text.lines().filter(|line| line.starts_with(counter) && line.contains(label));
            let values = samples.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok());
            sum += values.sum::<f64>();
        }
        sum
    }

    /// The number of deliveries that the replicas of a worker have settled, by outcome: `done`, `retry`,
    /// `park`.
    pub async fn deliveries(&self, worker: &str) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for replica in 1.. {
            let Ok(base) = self.stack.url(worker, replica) else { break };
            // A killed replica does not answer.
            let Ok(answer) = self.http.get(format!("{base}/metrics")).send().await else { continue };
            let text = answer.text().await.expect("metrics");
            for line in text.lines().filter(|line| line.starts_with("deliveries_total{")) {
                let (labels, count) = line.rsplit_once(' ').expect("a sample");
                let (_, rest) = labels.split_once("outcome=\"").expect("an outcome");
                let outcome = rest.split('"').next().unwrap_or_default();
                *counts.entry(outcome.to_owned()).or_default() += count.parse::<u64>().expect("a count");
            }
        }
        counts
    }
}

/// The default configuration. A variable that a test sets again replaces the default.
fn builder() -> Builder {
    // Tests read the logs.
    let logging = SERVICES
        .iter()
        .fold(Stack::builder(), |builder, service| builder.env(service.name, "LOG_FORMAT", "json"));
    logging
        .env("user-service", "LOGIN_PER_MINUTE", NO_LIMIT)
        .env("user-service", "REGISTER_PER_MINUTE", NO_LIMIT)
        .env("order-service", "ORDERS_PER_MINUTE", NO_LIMIT)
        .env("order-service", "UNPAID_PIECES_PER_CUSTOMER", NO_LIMIT)
        .env("order-service", "PAYMENT_ATTEMPTS_PER_HOUR", NO_LIMIT)
        // Parcels arrive within a second, lost webhooks are noticed after seconds, and lost events after a quarter of a
        // minute.
        .env("carrier-simulator", "SIMULATOR_STEP_MS", "200")
        .env("delivery-service", "CARRIER_POLL_SECONDS", "3")
        .env("delivery-service", "HANDOVER_RETRY_SECONDS", "10")
        .env("delivery-service", "SEARCH_AFTER_SECONDS", "15")
}

async fn launch(builder: Builder) -> Stack {
    builder.start().await.expect("start a system")
}

async fn log_in(client: &Client, credentials: Credentials) -> Session {
    let Credentials { username, password } = credentials;
    client.login(&Login { username, password }).await.expect("log in")
}

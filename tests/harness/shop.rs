//! A running system, as tests see it.

use crate::{
    customer::{Customer, PASSWORD, unique},
    eventually::eventually_telling,
    provider::Provider,
    traffic,
};
use contract::users::{Login, Registration};
use devstack::{Broker, Credentials, Stack, stack::Builder};
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

/// Systems that tests have for themselves at a time: each is eight processes or so, and two cores
/// are enough to run the suite.
static TURNS: Semaphore = Semaphore::const_new(2);
/// The system that tests share, for as long as one of them uses it: nothing outlives the tests.
static SHARED: Mutex<Weak<Stack>> = Mutex::const_new(Weak::new());

/// All tests come from one address, and share its limits.
const PLENTY: &str = "100000";
/// Every service logs JSON, for tests to read.
const SERVICES: [&str; 7] = [
    "user-service",
    "catalog-service",
    "order-service",
    "order-processor",
    "payment-worker",
    "operations-service",
    "payment-simulator",
];

/// A running system.
pub struct Shop {
    stack: Arc<Stack>,
    broker: Broker,
    http: reqwest::Client,
    /// By replica of order-service; kept, because making one reads all root certificates.
    clients: std::sync::Mutex<BTreeMap<usize, Client>>,
    /// Kept too: to log in at PostgreSQL is as slow as it is safe.
    databases: std::sync::Mutex<BTreeMap<&'static str, PgPool>>,
    staff: OnceCell<Session>,
    // Given back last, when the processes are gone.
    _turn: Option<SemaphorePermit<'static>>,
}

impl Shop {
    /// The shop that tests share: two replicas of order-service, one of everything else, the gateway
    /// included. For tests that disturb nobody.
    pub async fn shared() -> Self {
        let mut shared = SHARED.lock().await;
        let stack = match shared.upgrade() {
            Some(stack) => stack,
            None => Arc::new(launch(builder().scale("order-service", 2).gateway()).await),
        };
        *shared = Arc::downgrade(&stack);
        Self::on(stack, None)
    }

    /// A shop of the test's own: one of everything.
    pub async fn start() -> Self {
        Self::start_as(|builder| builder).await
    }

    /// A shop of the test's own, with a say in what it is like.
    pub async fn start_as(describe: impl FnOnce(Builder) -> Builder) -> Self {
        let turn = TURNS.acquire().await.expect("the semaphore is never closed");
        let stack = launch(describe(builder())).await;
        Self::on(Arc::new(stack), Some(turn))
    }

    /// Clients belong to the runtime that first used them, which is the test's: a shared shop's
    /// cannot be shared along with it.
    fn on(stack: Arc<Stack>, turn: Option<SemaphorePermit<'static>>) -> Self {
        let broker = stack.servers().broker(stack.broker().vhost()).expect("the management API's address");
        let http = runtime::http_client::client(Duration::from_secs(15)).expect("an HTTP client");
        Self {
            stack,
            broker,
            http,
            clients: std::sync::Mutex::default(),
            databases: std::sync::Mutex::default(),
            staff: OnceCell::new(),
            _turn: turn,
        }
    }

    /// The processes.
    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// RabbitMQ's management API.
    #[must_use]
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// The payment provider.
    #[must_use]
    pub fn provider(&self) -> Provider<'_> {
        Provider::new(self)
    }

    /// A client that nobody has logged in with, of one replica of order-service.
    #[must_use]
    pub fn client(&self, replica: usize) -> Client {
        let mut clients = self.clients.lock().expect("nobody panics while holding it");
        clients.entry(replica).or_insert_with(|| self.stack.client(replica).expect("a replica")).clone()
    }

    /// Any request to a service's first replica.
    pub fn request(&self, method: Method, service: &str, path: &str) -> RequestBuilder {
        let base = self.stack.url(service, 1).expect("a running service");
        self.http.request(method, format!("{base}{path}"))
    }

    /// Any request to the gateway.
    pub fn request_at_gateway(&self, method: Method, path: &str) -> RequestBuilder {
        let base = self.stack.gateway_url().expect("a gateway");
        self.http.request(method, format!("{base}{path}"))
    }

    /// A client that nobody has logged in with, and that knows the gateway only.
    #[must_use]
    pub fn client_of_gateway(&self) -> Client {
        let address = self.stack.gateway_url().expect("a gateway").parse().expect("a URL");
        Client::new(Endpoints::gateway(&address)).expect("a client")
    }

    /// Somebody new with an account, logged in. The name is made unique.
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

    /// Somebody who keeps the shop.
    pub async fn staff(&self) -> &Session {
        self.staff.get_or_init(async || log_in(&self.client(1), self.stack.staff()).await).await
    }

    /// A service's database, to see what no API tells.
    #[must_use]
    pub fn database(&self, service: &'static str) -> PgPool {
        let mut databases = self.databases.lock().expect("nobody panics while holding it");
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

    /// Waits until nothing is left to be done: every event is published, and no queue holds any
    /// message. Parked ones do not go away by themselves, so here there must be none.
    pub async fn settles(&self) {
        let orders = self.database("order-service");
        eventually_telling("every event is published and every queue is empty", async || {
            let unpublished: i64 = sqlx::query_scalar("select count(*) from outbox")
                .fetch_one(&orders)
                .await
                .expect("count events");
            let queues = self.broker.queues().await.expect("list queues");
            let busy = queues.iter().filter(|queue| queue.name != traffic::TAP && queue.messages > 0);
            let busy: Vec<_> = busy.map(|queue| format!("{} in {}", queue.messages, queue.name)).collect();
            if unpublished == 0 && busy.is_empty() {
                Ok(())
            } else {
                Err(format!("{unpublished} to publish, {}", busy.join(", ")))
            }
        })
        .await;
    }

    /// The sum of a counter over its labels and all replicas of a service; samples whose labels lack `label` are left out.
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

    /// How many deliveries the replicas of a worker have settled, by outcome: `done`, `retry`, `park`.
    pub async fn deliveries(&self, worker: &str) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for replica in 1.. {
            let Ok(base) = self.stack.url(worker, replica) else { break };
            // A replica that was killed has nothing to say.
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

/// What a test describes further. A test's own value of a variable counts, as the last one.
fn builder() -> Builder {
    let logging = SERVICES
        .into_iter()
        .fold(Stack::builder(), |builder, service| builder.env(service, "LOG_FORMAT", "json"));
    logging
        .env("user-service", "LOGIN_PER_MINUTE", PLENTY)
        .env("user-service", "REGISTER_PER_MINUTE", PLENTY)
        .env("order-service", "ORDERS_PER_MINUTE", PLENTY)
        .env("order-service", "UNPAID_PIECES_PER_CUSTOMER", PLENTY)
        .env("order-service", "PAYMENT_ATTEMPTS_PER_HOUR", PLENTY)
}

async fn launch(builder: Builder) -> Stack {
    builder.start().await.expect("start a system")
}

async fn log_in(client: &Client, credentials: Credentials) -> Session {
    let Credentials { username, password } = credentials;
    client.login(&Login { username, password }).await.expect("log in")
}

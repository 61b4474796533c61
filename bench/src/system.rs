//! The measured system: release programs, private durable servers, and one replica of each service.

use crate::{
    history::History,
    progress::say,
    usage::Usage,
    wrk::{self, Run, Seen},
};
use anyhow::{Context as _, Result, ensure};
use contract::{
    catalog::ProductDraft,
    discounts::QuoteRequest,
    ids::{ProductId, UserId},
    money::Money,
    orders::{Item, PlaceOrder},
    users::{Login, Registration},
};
use devstack::{Stack, services::SERVICES};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use orderctl::Session;
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio::time::sleep;
use uuid::Uuid;

/// The number of customers. Their tokens live longer than a run.
const CUSTOMERS: usize = 20;
/// The number of products. An order has one or two of them, so orders compete for the stock of a product as
/// in a shop.
const PRODUCTS: usize = 200;
const STOCK: i64 = 1_000_000_000;
const PASSWORD: &str = "correct horse battery";
const TOKEN_SECONDS: &str = "86400";
/// The value of rate limits that must not affect the measurement.
const NO_LIMIT: &str = "100000000";
/// The number of concurrent requests when a part only needs the orders, not their times.
const CONCURRENT_REQUESTS: usize = 64;
/// The interval between two checks. Each check counts rows and uses the measured cores. Times come from the
/// events, so the interval does not affect them.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The time limit of a wait. Every wait in a working system is shorter.
const DEADLINE: Duration = Duration::from_mins(10);

pub(crate) struct System {
    pub(crate) stack: Stack,
    /// The databases of order-service, catalog-service and payment-worker.
    pub(crate) orders: PgPool,
    catalog: PgPool,
    payments: PgPool,
    /// Orders up to this id belong to the history. `clear` keeps them.
    pub(crate) past: Uuid,
    pub(crate) customers: Vec<Session>,
    pub(crate) customer_ids: Vec<UserId>,
    products: Vec<ProductId>,
    tokens: String,
    bodies: String,
}

impl System {
    pub(crate) async fn start() -> Result<Self> {
        let stack = Stack::builder()
            .private_servers()
            .env("user-service", "ACCESS_TOKEN_SECONDS", TOKEN_SECONDS)
            .env("user-service", "REGISTER_PER_MINUTE", NO_LIMIT)
            .env("user-service", "LOGIN_PER_MINUTE", NO_LIMIT)
            // The production value. Tests use a lower one.
            .env("user-service", "BCRYPT_COST", "12")
            .env("order-service", "ORDERS_PER_MINUTE", NO_LIMIT)
            // These few customers have more unpaid orders than the customers of a real shop. To count so many
            // orders would distort the figures.
            .env("order-service", "UNPAID_PIECES_PER_CUSTOMER", "0")
            .env("order-service", "PAYMENT_ATTEMPTS_PER_HOUR", "0")
            .start()
            .await?;
        // `checkpoint` needs the rights of an administrator.
        let database = async |service| {
            anyhow::Ok(
                PgPoolOptions::new().max_connections(16).connect(&stack.administrator_url(service)?).await?,
            )
        };
        let mut system = Self {
            orders: database("order-service").await?,
            catalog: database("catalog-service").await?,
            payments: database("payment-worker").await?,
            stack,
            past: Uuid::nil(),
            customers: Vec::new(),
            customer_ids: Vec::new(),
            products: Vec::new(),
            tokens: String::new(),
            bodies: String::new(),
        };
        system.fill_the_shop().await?;
        system.register().await?;
        Ok(system)
    }

    async fn fill_the_shop(&mut self) -> Result<()> {
        let staff = self.staff().await?;
        for number in 0..PRODUCTS {
            let draft = ProductDraft {
                sku: format!("BENCH-{number}"),
                name: format!("Product {number}"),
                description: String::new(),
                category: "bench".to_owned(),
                price: Money { amount_minor: 1000, currency: "EUR".parse()? },
            };
            let product = staff.create_product(&draft).await?;
            staff.set_stock(product.id, STOCK).await?;
            self.products.push(product.id);
        }
        let bodies: Result<Vec<_>, _> =
            (0..PRODUCTS).map(|number| serde_json::to_string(&self.order(number))).collect();
        self.bodies = bodies?.join("\n");
        Ok(())
    }

    /// A session of the staff account.
    pub(crate) async fn staff(&self) -> Result<Session> {
        let staff = self.stack.staff();
        let login = Login { username: staff.username, password: staff.password };
        Ok(self.stack.client(1)?.login(&login).await?)
    }

    async fn register(&mut self) -> Result<()> {
        let client = self.stack.client(1)?;
        let mut tokens = Vec::new();
        for number in 0..CUSTOMERS {
            let username = format!("customer-{number}");
            let registration = Registration {
                email: format!("{username}@example.com"),
                username: username.clone(),
                password: PASSWORD.to_owned(),
            };
            self.customer_ids.push(client.register(&registration).await?.id);
            let session = client.login(&Login { username, password: PASSWORD.to_owned() }).await?;
            tokens.push(session.tokens().await?.access_token);
            self.customers.push(session);
        }
        self.tokens = tokens.join("\n");
        Ok(())
    }

    /// The order with this number. Consecutive orders have different products.
    pub(crate) fn order(&self, number: usize) -> PlaceOrder {
        let count = self.products.len().max(1);
        let first = self.products.iter().cycle().skip(number % count);
        let items = first.step_by(7).take(1 + number % 2);
        PlaceOrder {
            items: items.map(|&product_id| Item { product_id, quantity: 1 }).collect(),
            payment_method: "pm_card_visa".to_owned(),
            codes: Vec::new(),
            expected_total: None,
            shipping_address: None,
            note: None,
        }
    }

    /// The customer who places the order with this number.
    pub(crate) fn customer(&self, number: usize) -> Result<&Session> {
        self.customers.get(number % CUSTOMERS).context("there is no customer")
    }

    /// The credentials of the first customer.
    pub(crate) fn login() -> Login {
        Login { username: "customer-0".to_owned(), password: PASSWORD.to_owned() }
    }

    /// Places orders with wrk.
    pub(crate) async fn wrk(&self, run: Run) -> Result<Seen> {
        let url = format!("{}/orders", self.stack.url("order-service", 1)?);
        wrk::post(run, &url, &self.wrk_script(), &self.tokens, &self.bodies).await
    }

    /// Asks for quotes with wrk. The baskets are those of the orders.
    pub(crate) async fn quotes(&self, run: Run) -> Result<Seen> {
        let url = format!("{}/quote", self.stack.url("discount-service", 1)?);
        let quotes = (0..PRODUCTS).map(|number| {
            serde_json::to_string(&QuoteRequest { items: self.order(number).items, codes: Vec::new() })
        });
        let bodies = quotes.collect::<Result<Vec<_>, _>>()?.join("\n");
        wrk::post(run, &url, &self.wrk_script(), "", &bodies).await
    }

    fn wrk_script(&self) -> PathBuf {
        self.stack.folder().path("post.lua")
    }

    /// Places this many orders, and waits until all their events are published.
    pub(crate) async fn place(&self, count: usize) -> Result<()> {
        let placing = stream::iter(0..count).map(async |number| {
            let order = self.order(number);
            self.customer(number)?.place(&order).await?;
            anyhow::Ok(())
        });
        placing.buffer_unordered(CONCURRENT_REQUESTS).try_collect::<Vec<()>>().await?;
        self.wait_until_published().await
    }

    /// Waits until every event is published.
    pub(crate) async fn wait_until_published(&self) -> Result<()> {
        let left = "select count(*) from outbox where order_id > $1";
        self.wait_until("every event is published", left, 0).await
    }

    /// Waits until this many orders have a status.
    pub(crate) async fn wait_until_orders_are(&self, status: &'static str, count: usize) -> Result<()> {
        let found = match status {
            "reserved" => "select count(*) from orders where status = 'reserved' and id > $1",
            _ => "select count(*) from orders where status = 'completed' and id > $1",
        };
        self.wait_until(&format!("{count} orders are {status}"), found, i64::try_from(count)?).await
    }

    /// Waits until a count of orders after the history has this value.
    async fn wait_until(&self, what: &str, query: &'static str, wanted: i64) -> Result<()> {
        let begun = Instant::now();
        loop {
            let found: i64 = sqlx::query_scalar(query).bind(self.past).fetch_one(&self.orders).await?;
            if found == wanted {
                return Ok(());
            }
            ensure!(begun.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what} ({found})");
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Runs this many replicas of both workers.
    pub(crate) async fn workers(&self, count: usize) -> Result<()> {
        for worker in ["order-processor", "payment-worker"] {
            self.stack.scale(worker, count).await?;
        }
        Ok(())
    }

    /// Stops the workers, deletes all orders after the history, and empties the queues.
    pub(crate) async fn clear(&self) -> Result<()> {
        self.workers(0).await?;
        if self.past.is_nil() {
            let all = "truncate orders, order_events, outbox, idempotency_keys, declined_payments";
            sqlx::query(all).execute(&self.orders).await?;
        } else {
            sqlx::query("truncate outbox, idempotency_keys").execute(&self.orders).await?;
            for recent_orders in
                ["delete from order_events where order_id > $1", "delete from orders where id > $1"]
            {
                sqlx::query(recent_orders).bind(self.past).execute(&self.orders).await?;
            }
        }
        for queue in ["order-processor", "payment-worker"] {
            self.stack.broker().purge(queue).await?;
        }
        self.provider(json!({})).await?;
        // Otherwise PostgreSQL would write the pages of this round during the next one.
        sqlx::query("checkpoint").execute(&self.orders).await?;
        Ok(())
    }

    /// Writes a history of this many orders.
    pub(crate) async fn load(&mut self, orders: u32) -> Result<()> {
        self.clear().await?;
        let customers = self.customer_ids.iter().map(|id| id.uuid()).collect();
        let products = self.products.iter().map(|id| id.uuid()).collect();
        let history = History::new(orders, customers, products)?;
        history.write(&self.orders, &self.catalog, &self.payments).await?;
        self.past = history.end()?;
        Ok(())
    }

    /// Deletes the history.
    pub(crate) async fn forget(&mut self) -> Result<()> {
        self.past = Uuid::nil();
        self.clear().await?;
        sqlx::query("truncate reservations").execute(&self.catalog).await?;
        sqlx::query("truncate charges").execute(&self.payments).await?;
        Ok(())
    }

    /// Sets the faults that the provider simulates.
    pub(crate) async fn provider(&self, faults: Value) -> Result<()> {
        let url = format!("{}/simulator/faults", self.stack.url("payment-simulator", 1)?);
        let http = runtime::http_client::client(Duration::from_secs(10))?;
        http.put(url).json(&faults).send().await?.error_for_status()?;
        Ok(())
    }

    /// The resource usage of each process, including the servers. Workers that do not run are not listed.
    pub(crate) fn usage(&self) -> Result<Vec<(&'static str, Usage)>> {
        let servers = self.stack.servers();
        let mut all = vec![
            ("PostgreSQL", Usage::of(servers.postgres()?.pid()?)?),
            ("RabbitMQ", Usage::of(servers.rabbitmq()?.pid()?)?),
        ];
        for service in &SERVICES {
            if let Ok(pid) = self.stack.pid(service.name, 1) {
                all.push((service.name, Usage::of(pid)?));
            }
        }
        Ok(all)
    }

    pub(crate) async fn shut_down(self) -> Result<()> {
        say("\nStopping");
        self.orders.close().await;
        self.stack.shut_down().await
    }
}

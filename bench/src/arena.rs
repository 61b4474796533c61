//! The system that is measured: release programs, servers of its own with everything durable, one replica of each.

use crate::{
    history::History,
    say,
    usage::Usage,
    wrk::{self, Run, Seen},
};
use anyhow::{Context as _, Result, ensure};
use contract::{
    catalog::ProductDraft,
    ids::{ProductId, UserId},
    money::Money,
    orders::{Item, PlaceOrder},
    users::{Login, Registration},
};
use devstack::Stack;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use orderctl::Session;
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::time::{Duration, Instant};
use tokio::time::sleep;
use uuid::Uuid;

/// Who orders. Their tokens live for longer than any run.
const CUSTOMERS: usize = 20;
/// What they order: one or two of these, so that orders meet at a product's stock as they would in a shop.
const PRODUCTS: usize = 200;
const STOCK: i64 = 1_000_000_000;
const PASSWORD: &str = "correct horse battery";
const TOKEN_SECONDS: &str = "86400";
/// For limits that are not what is measured.
const PLENTY: &str = "100000000";
/// Requests at a time, where orders only have to be there.
const AT_ONCE: usize = 64;
/// Between two looks at what happens. A look counts rows, on the cores of what is measured; times are taken from the events.
const GLANCE: Duration = Duration::from_secs(1);
/// Longer than anything takes that is not stuck.
const PATIENCE: Duration = Duration::from_mins(10);

pub(crate) struct Arena {
    pub(crate) stack: Stack,
    /// The databases of order-service, catalog-service and payment-worker.
    pub(crate) orders: PgPool,
    catalog: PgPool,
    payments: PgPool,
    /// Orders up to this id were there before, and stay.
    pub(crate) past: Uuid,
    pub(crate) customers: Vec<Session>,
    pub(crate) customer_ids: Vec<UserId>,
    products: Vec<ProductId>,
    tokens: String,
    bodies: String,
}

impl Arena {
    pub(crate) async fn start() -> Result<Self> {
        let stack = Stack::builder()
            .private_servers()
            .env("user-service", "ACCESS_TOKEN_SECONDS", TOKEN_SECONDS)
            .env("user-service", "REGISTER_PER_MINUTE", PLENTY)
            .env("user-service", "LOGIN_PER_MINUTE", PLENTY)
            // As in production, and not as in tests.
            .env("user-service", "BCRYPT_COST", "12")
            .env("order-service", "ORDERS_PER_MINUTE", PLENTY)
            // These few customers have more unpaid orders than a shop's: counting them is not what is measured.
            .env("order-service", "UNPAID_PIECES_PER_CUSTOMER", "0")
            .env("order-service", "PAYMENT_ATTEMPTS_PER_HOUR", "0")
            .start()
            .await?;
        // `checkpoint` takes an administrator's rights.
        let database = async |service| {
            anyhow::Ok(
                PgPoolOptions::new().max_connections(16).connect(&stack.administrator_url(service)?).await?,
            )
        };
        let mut arena = Self {
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
        arena.fill_the_shop().await?;
        arena.register().await?;
        Ok(arena)
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

    /// The staff's account, logged in.
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

    /// The order of this number; they differ in what is ordered.
    pub(crate) fn order(&self, number: usize) -> PlaceOrder {
        let count = self.products.len().max(1);
        let first = self.products.iter().cycle().skip(number % count);
        let items = first.step_by(7).take(1 + number % 2);
        PlaceOrder {
            items: items.map(|&product_id| Item { product_id, quantity: 1 }).collect(),
            payment_method: "pm_card_visa".to_owned(),
            expected_total: None,
            shipping_address: None,
            note: None,
        }
    }

    /// Who places the order of this number.
    pub(crate) fn customer(&self, number: usize) -> Result<&Session> {
        self.customers.get(number % CUSTOMERS).context("there are customers")
    }

    /// The credentials of the first customer.
    pub(crate) fn login() -> Login {
        Login { username: "customer-0".to_owned(), password: PASSWORD.to_owned() }
    }

    /// Places orders with wrk.
    pub(crate) async fn wrk(&self, run: Run) -> Result<Seen> {
        let url = self.stack.url("order-service", 1)?;
        let script = self.stack.folder().path("place.lua");
        wrk::place(run, &url, &script, &self.tokens, &self.bodies).await
    }

    /// Places this many orders, and waits until each is where the workers can take it.
    pub(crate) async fn place(&self, count: usize) -> Result<()> {
        let placing = stream::iter(0..count).map(async |number| {
            let order = self.order(number);
            self.customer(number)?.place(&order).await?;
            anyhow::Ok(())
        });
        placing.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
        self.wait_until_published().await
    }

    /// Waits until every event is with the broker.
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

    /// Of orders that were not there before.
    async fn wait_until(&self, what: &str, query: &'static str, wanted: i64) -> Result<()> {
        let begun = Instant::now();
        loop {
            let found: i64 = sqlx::query_scalar(query).bind(self.past).fetch_one(&self.orders).await?;
            if found == wanted {
                return Ok(());
            }
            ensure!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what} ({found})");
            sleep(GLANCE).await;
        }
    }

    /// Runs this many of both workers.
    pub(crate) async fn workers(&self, count: usize) -> Result<()> {
        for worker in ["order-processor", "payment-worker"] {
            self.stack.scale(worker, count).await?;
        }
        Ok(())
    }

    /// No workers, no orders but those of the past, nothing in the queues: as if nobody had ordered yet.
    pub(crate) async fn clear(&self) -> Result<()> {
        self.workers(0).await?;
        if self.past.is_nil() {
            let all = "truncate orders, order_events, outbox, idempotency_keys, declined_payments";
            sqlx::query(all).execute(&self.orders).await?;
        } else {
            sqlx::query("truncate outbox, idempotency_keys").execute(&self.orders).await?;
            for those_of_today in
                ["delete from order_events where order_id > $1", "delete from orders where id > $1"]
            {
                sqlx::query(those_of_today).bind(self.past).execute(&self.orders).await?;
            }
        }
        for queue in ["order-processor", "payment-worker"] {
            self.stack.broker().purge(queue).await?;
        }
        self.provider(json!({})).await?;
        // What the rounds before have left to be written would be paid for by the next.
        sqlx::query("checkpoint").execute(&self.orders).await?;
        Ok(())
    }

    /// Puts so many orders of the past there.
    pub(crate) async fn load(&mut self, orders: u32) -> Result<()> {
        self.clear().await?;
        let customers = self.customer_ids.iter().map(|id| id.uuid()).collect();
        let products = self.products.iter().map(|id| id.uuid()).collect();
        let history = History::new(orders, customers, products)?;
        history.write(&self.orders, &self.catalog, &self.payments).await?;
        self.past = history.end()?;
        Ok(())
    }

    /// Takes them away again.
    pub(crate) async fn forget(&mut self) -> Result<()> {
        self.past = Uuid::nil();
        self.clear().await?;
        sqlx::query("truncate reservations").execute(&self.catalog).await?;
        sqlx::query("truncate charges").execute(&self.payments).await?;
        Ok(())
    }

    /// Switches the provider's faults.
    pub(crate) async fn provider(&self, faults: Value) -> Result<()> {
        let url = format!("{}/simulator/faults", self.stack.url("payment-simulator", 1)?);
        let http = runtime::http_client::client(Duration::from_secs(10))?;
        http.put(url).json(&faults).send().await?.error_for_status()?;
        Ok(())
    }

    /// What each process takes, servers included. Workers that do not run are left out.
    pub(crate) fn usage(&self) -> Result<Vec<(&'static str, Usage)>> {
        let servers = self.stack.servers();
        let mut all = vec![
            ("PostgreSQL", Usage::of(servers.postgres()?.pid()?)?),
            ("RabbitMQ", Usage::of(servers.rabbitmq()?.pid()?)?),
        ];
        for service in [
            "user-service",
            "catalog-service",
            "order-service",
            "order-processor",
            "payment-worker",
            "payment-simulator",
            "operations-service",
        ] {
            if let Ok(pid) = self.stack.pid(service, 1) {
                all.push((service, Usage::of(pid)?));
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

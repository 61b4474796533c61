//! Load: customers order, pay, pay again and cancel, while a fault happens.

mod behaviour;
mod diary;
mod shopper;

pub use behaviour::{Behaviour, Mix};
pub use diary::{Diary, Sighting};

use crate::{
    customer::{Customer, unique},
    promotions::{amount_off, percent_off},
    proxy::Proxy,
    seed::Seed,
    shop::Shop,
};
use contract::{catalog::Product, ids::ProductId};
use diary::OpenDiary;
use futures_util::future::{join, join_all};
use orderctl::{Follow, Watch};
use shopper::Shopper;
use std::{collections::BTreeMap, time::Duration};
use tokio::{sync::Semaphore, time::Instant};

/// The initial stock of each product that never runs out.
const AMPLE_STOCK: i64 = 100_000;
/// The initial stock of the product that runs out.
const SCARCE_STOCK: i64 = 20;

/// Load on a shop. By default, 5 customers place 200 orders within 8 seconds.
pub struct Load<'a> {
    shop: &'a Shop,
    seed: Seed,
    customers: usize,
    orders: usize,
    within: Duration,
    finish_within: Duration,
    mix: Mix,
    code_limit: i64,
    /// All WebSockets connect through this proxy.
    proxy: Option<&'a Proxy>,
}

/// The products of the load.
struct Assortment {
    plenty: Vec<Product>,
    scarce: Product,
    /// A discount code that is used up during the load.
    code: String,
}

/// The outcome of a load, as its customers saw it.
#[derive(Clone, Debug)]
pub struct LoadOutcome {
    /// The record of each customer.
    pub diaries: Vec<Diary>,
    /// The initial stock of each product.
    pub stock: BTreeMap<ProductId, i64>,
}

impl<'a> Load<'a> {
    /// The default load.
    #[must_use]
    pub fn on(shop: &'a Shop) -> Self {
        Self {
            shop,
            seed: Seed::from_env(),
            customers: 5,
            orders: 200,
            within: Duration::from_secs(8),
            finish_within: Duration::from_mins(7),
            mix: Mix::default(),
            code_limit: 15,
            proxy: None,
        }
    }

    /// The seed for the random choices of this load.
    #[must_use]
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// The number of orders.
    #[must_use]
    pub fn size(&self) -> usize {
        self.orders
    }

    /// Sets the number of customers.
    #[must_use]
    pub fn customers(self, customers: usize) -> Self {
        Self { customers, ..self }
    }

    /// Sets the number of orders. They are placed at random moments within this time.
    #[must_use]
    pub fn orders(self, orders: usize, within: Duration) -> Self {
        Self { orders, within, ..self }
    }

    /// Sets the shares of the behaviours.
    #[must_use]
    pub fn mix(self, mix: Mix) -> Self {
        Self { mix, ..self }
    }

    /// Sets the number of orders that can use the discount code.
    #[must_use]
    pub fn code_limit(self, code_limit: i64) -> Self {
        Self { code_limit, ..self }
    }

    /// Sets the time limit until all orders are final. It starts when the last order is placed.
    #[must_use]
    pub fn finishing_within(self, finish_within: Duration) -> Self {
        Self { finish_within, ..self }
    }

    /// Connects all WebSockets through this proxy.
    #[must_use]
    pub fn sockets_through(self, proxy: &'a Proxy) -> Self {
        Self { proxy: Some(proxy), ..self }
    }

    /// Runs the load and `fault` at the same time, until both have ended.
    pub async fn during(self, fault: impl Future<Output = ()>) -> LoadOutcome {
        let assortment = self.creates_assortment().await;
        // Customers log in one after the other. A shop that has just started should not get many logins at
        // once.
        let mut customers = Vec::new();
        for _ in 0..self.customers {
            customers.push(self.shop.customer("shopper").await);
        }
        let mut watches = Vec::new();
        for (number, customer) in customers.iter().enumerate() {
            watches.push(self.watch(number, customer).await);
        }
        let began = Instant::now();
        let shoppers = customers.iter().zip(watches).enumerate().map(async |(number, (customer, watch))| {
            self.shopper(number, customer, &assortment, began).await.shops(watch).await
        });
        let (diaries, ()) = join(join_all(shoppers), fault).await;
        let plenty = assortment.plenty.iter().map(|product| (product.id, AMPLE_STOCK));
        LoadOutcome { diaries, stock: plenty.chain([(assortment.scarce.id, SCARCE_STOCK)]).collect() }
    }

    /// Runs the load.
    pub async fn runs(self) -> LoadOutcome {
        self.during(async {}).await
    }

    async fn creates_assortment(&self) -> Assortment {
        let mut plenty = Vec::new();
        for name in ["tea", "coffee", "cocoa"] {
            plenty.push(self.shop.sells(name, 450, AMPLE_STOCK).await);
        }
        let code = unique("code");
        self.shop.promotes(&percent_off(&plenty[0], 10)).await;
        self.shop.promotes(&amount_off(&code, 100, self.code_limit)).await;
        Assortment { plenty, scarce: self.shop.sells("truffles", 1200, SCARCE_STOCK).await, code }
    }

    async fn shopper(
        &self,
        number: usize,
        customer: &Customer<'_>,
        assortment: &Assortment,
        began: Instant,
    ) -> Shopper {
        let mut rng = self.seed.rng(number as u64);
        let orders = self.orders / self.customers + usize::from(number < self.orders % self.customers);
        Shopper {
            session: customer.through(1 + number % self.shop.replicas("order-service")).await,
            diary: OpenDiary::of(customer.id()),
            plan: (0..orders).map(|_| self.mix.draw(&mut rng, assortment, self.within)).collect(),
            one_request: Semaphore::new(1),
            began,
            deadline: began + self.within + self.finish_within,
        }
    }

    /// Opens the WebSocket of a customer. If there are two replicas, one gets the customer's orders and the
    /// other one the socket.
    async fn watch(&self, number: usize, customer: &Customer<'_>) -> Watch {
        let session = match self.proxy {
            Some(proxy) => customer.socket_through(proxy).await,
            None => customer.through(1 + (number + 1) % self.shop.replicas("order-service")).await,
        };
        session.watch(Follow::All).await.expect("a watch")
    }
}

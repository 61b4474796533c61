//! Load: customers who order, pay, pay again and cancel, while something goes wrong.

mod diary;
mod shopper;
mod way;

pub use diary::{Diary, Sighting};
pub use way::{Mix, Way};

use crate::{customer::Customer, seed::Seed, shop::Shop, wire::Wire};
use contract::{catalog::Product, ids::ProductId};
use diary::OpenDiary;
use futures_util::future::{join, join_all};
use orderctl::{Follow, Watch};
use shopper::Shopper;
use std::{collections::BTreeMap, time::Duration};
use tokio::{sync::Semaphore, time::Instant};

/// Pieces of what there is plenty of.
const PLENTY: i64 = 100_000;
/// Pieces of what there is not enough of.
const SCARCE: i64 = 20;

/// Load to be put on a shop. Unless told otherwise, 5 customers place 200 orders within 8 seconds.
pub struct Load<'a> {
    shop: &'a Shop,
    seed: Seed,
    customers: usize,
    orders: usize,
    within: Duration,
    patience: Duration,
    mix: Mix,
    /// In front of the replica that sockets are connected to.
    wire: Option<&'a Wire>,
}

/// What there is to buy.
struct Shelves {
    plenty: Vec<Product>,
    scarce: Product,
}

/// What became of a load, as its customers saw it.
#[derive(Clone, Debug)]
pub struct Played {
    /// What each customer was answered and saw.
    pub diaries: Vec<Diary>,
    /// The pieces of each product that there were at first.
    pub stock: BTreeMap<ProductId, i64>,
}

impl<'a> Load<'a> {
    /// The usual load.
    #[must_use]
    pub fn on(shop: &'a Shop) -> Self {
        Self {
            shop,
            seed: Seed::from_env(),
            customers: 5,
            orders: 200,
            within: Duration::from_secs(8),
            patience: Duration::from_mins(7),
            mix: Mix::default(),
            wire: None,
        }
    }

    /// Where its chance comes from.
    #[must_use]
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// How many orders there will be.
    #[must_use]
    pub fn size(&self) -> usize {
        self.orders
    }

    /// Another number of customers.
    #[must_use]
    pub fn customers(self, customers: usize) -> Self {
        Self { customers, ..self }
    }

    /// Another number of orders, placed at random moments within this time.
    #[must_use]
    pub fn orders(self, orders: usize, within: Duration) -> Self {
        Self { orders, within, ..self }
    }

    /// Other habits.
    #[must_use]
    pub fn mix(self, mix: Mix) -> Self {
        Self { mix, ..self }
    }

    /// The time after the last order was placed in which all must have come to their end.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Sockets that go through this wire, wherever it leads.
    #[must_use]
    pub fn sockets_through(self, wire: &'a Wire) -> Self {
        Self { wire: Some(wire), ..self }
    }

    /// Puts the load on the shop while `fault` happens; both have ended when this returns.
    pub async fn during(self, fault: impl Future<Output = ()>) -> Played {
        let shelves = self.fills_shelves().await;
        // One after the other: a shop that has just opened is not to be stormed yet.
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
            self.shopper(number, customer, &shelves, began).await.shops(watch).await
        });
        let (diaries, ()) = join(join_all(shoppers), fault).await;
        let plenty = shelves.plenty.iter().map(|product| (product.id, PLENTY));
        Played { diaries, stock: plenty.chain([(shelves.scarce.id, SCARCE)]).collect() }
    }

    /// Puts the load on the shop.
    pub async fn runs(self) -> Played {
        self.during(async {}).await
    }

    async fn fills_shelves(&self) -> Shelves {
        let mut plenty = Vec::new();
        for name in ["tea", "coffee", "cocoa"] {
            plenty.push(self.shop.sells(name, 450, PLENTY).await);
        }
        Shelves { plenty, scarce: self.shop.sells("truffles", 1200, SCARCE).await }
    }

    async fn shopper(
        &self,
        number: usize,
        customer: &Customer<'_>,
        shelves: &Shelves,
        began: Instant,
    ) -> Shopper {
        let mut chance = self.seed.chance(number as u64);
        let orders = self.orders / self.customers + usize::from(number < self.orders % self.customers);
        Shopper {
            session: customer.through(1 + number % self.shop.replicas("order-service")).await,
            diary: OpenDiary::of(customer.id()),
            plan: (0..orders).map(|_| self.mix.draw(&mut chance, shelves, self.within)).collect(),
            hand: Semaphore::new(1),
            began,
            deadline: began + self.within + self.patience,
        }
    }

    /// A customer's socket, to another replica than their orders go to where there is one.
    async fn watch(&self, number: usize, customer: &Customer<'_>) -> Watch {
        let session = match self.wire {
            Some(wire) => customer.socket_through(wire).await,
            None => customer.through(1 + (number + 1) % self.shop.replicas("order-service")).await,
        };
        session.watch(Follow::All).await.expect("a watch")
    }
}

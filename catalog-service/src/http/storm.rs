//! Concurrent callers reserve, commit, release and count in random scenarios. The stock must be consistent at
//! every moment, and the status of each order must match the answers to its calls.
//!
//! The callers race, so the same input may not fail again, and shrinking it would not work. Each test run
//! generates new scenarios, and a failure prints the complete scenario.

use super::testing::{By, PROCESSOR, Service, reservation};
use crate::db::{
    self,
    audit::{Books, books},
};
use contract::{
    catalog::ReservationStatus,
    ids::{OrderId, ProductId},
};
use futures_util::future::{Either, join_all, select};
use proptest::{
    collection::vec, prelude::*, sample::subsequence, strategy::ValueTree, test_runner::TestRunner,
};
use serde_json::json;
use sqlx::PgPool;
use std::pin::pin;

const SCENARIOS: usize = 6;
const PRODUCTS: usize = 4;
const ORDERS: usize = 6;
/// The product whose stock is also counted. All other products are only sold.
const COUNTED: usize = PRODUCTS - 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Reserve(usize),
    Commit(usize),
    Release(usize),
    Count(i64),
}

#[derive(Clone, Debug)]
struct Scenario {
    stock: Vec<i64>,
    /// The products and quantities of each order.
    orders: Vec<Vec<(usize, u32)>>,
    /// The calls of each caller, in sequence.
    callers: Vec<Vec<Call>>,
}

fn scenarios() -> impl Strategy<Value = Scenario> {
    // All calls of an order's life or some of them, mostly in the right order. A random order of calls would
    // rarely reach the release of a committed reservation.
    let life = subsequence(vec![Call::Reserve as fn(usize) -> Call, Call::Commit, Call::Release], 1..=3);
    let life = prop_oneof![3 => life.clone(), 1 => life.prop_shuffle()];
    let story = prop_oneof![
        6 => (0..ORDERS, life).prop_map(|(order, life)| life.iter().map(|call| call(order)).collect()),
        1 => (0..8_i64).prop_map(|on_hand| vec![Call::Count(on_hand)]),
    ];
    let caller = vec(story, 1..6).prop_map(|stories: Vec<Vec<Call>>| stories.concat());
    let products = subsequence((0..PRODUCTS).collect::<Vec<_>>(), 1..=PRODUCTS).prop_shuffle();
    let order = (products, vec(1..4_u32, PRODUCTS))
        .prop_map(|(products, quantities)| products.into_iter().zip(quantities).collect());
    (vec(0..8_i64, PRODUCTS), vec(order, ORDERS), vec(caller, 2..6))
        .prop_map(|(stock, orders, callers)| Scenario { stock, orders, callers })
}

/// A running scenario: the service, and the ids behind the scenario's numbers.
struct Storm {
    service: Service,
    pool: PgPool,
    products: Vec<ProductId>,
    orders: Vec<OrderId>,
    scenario: Scenario,
}

impl Storm {
    async fn prepare(service: Service, pool: PgPool, scenario: Scenario) -> Self {
        let mut products = Vec::new();
        for stock in &scenario.stock {
            products.push(service.sells(&format!("tea-{}", ProductId::new()), 450, *stock).await);
        }
        let orders = (0..ORDERS).map(|_| OrderId::new()).collect();
        Self { service, pool, products, orders, scenario }
    }

    /// Makes a call, and returns the status of the answer.
    async fn call(&self, call: Call) -> u16 {
        let answer = match call {
            Call::Reserve(order) => {
                let wanted = self.scenario.orders[order].iter();
                let items: Vec<_> =
                    wanted.map(|(product, quantity)| (self.products[*product], *quantity)).collect();
                self.service.post(PROCESSOR, "/reservations", reservation(self.orders[order], &items)).await
            }
            Call::Commit(order) => self.service.commit(self.orders[order]).await,
            Call::Release(order) => self.service.release(self.orders[order]).await,
            Call::Count(on_hand) => {
                let path = format!("/products/{}/stock", self.products[COUNTED]);
                self.service.put(By::Staff, &path, json!({ "on_hand": on_hand })).await
            }
        };
        let status = answer.status.as_u16();
        let possible: &[u16] = match call {
            Call::Reserve(_) => &[201, 200, 409],
            Call::Commit(_) => &[200, 404, 409],
            Call::Release(_) => &[200],
            Call::Count(_) => &[200, 409],
        };
        assert!(possible.contains(&status), "{call:?}: {status} {} in {:?}", answer.body, self.scenario);
        status
    }

    /// Runs all callers concurrently, and checks the stock all the time.
    async fn run(&self) -> Vec<(Call, u16)> {
        let callers = join_all(self.scenario.callers.iter().map(async |calls| {
            let mut answers = Vec::new();
            for call in calls {
                answers.push((*call, self.call(*call).await));
            }
            answers
        }));
        let auditor = async {
            loop {
                self.books_are_right().await;
            }
        };
        match select(pin!(callers), pin!(auditor)).await {
            Either::Left((answers, _)) => answers.into_iter().flatten().collect(),
            Either::Right((never, _)) => never,
        }
    }

    async fn books_are_right(&self) {
        for (index, product) in self.products.iter().enumerate() {
            let books = books(&self.pool, *product).await;
            let Books { on_hand, reserved, held, committed } = books;
            assert!(0 <= reserved && reserved <= on_hand, "{books:?} of {index} in {:?}", self.scenario);
            assert_eq!(reserved, held, "{books:?} of {index} in {:?}", self.scenario);
            if index != COUNTED {
                let first = self.scenario.stock[index];
                assert_eq!(on_hand + committed, first, "{books:?} of {index} in {:?}", self.scenario);
            }
        }
    }

    /// Checks that the status of each order follows from the answers to its calls, in any order.
    async fn orders_match_their_answers(&self, answers: &[(Call, u16)]) {
        let mut connection = self.pool.acquire().await.unwrap();
        for (index, order) in self.orders.iter().enumerate() {
            let count =
                |call: Call, status: u16| answers.iter().filter(|answer| **answer == (call, status)).count();
            let (held, committed) = (count(Call::Reserve(index), 201), count(Call::Commit(index), 200));
            let expected = match (count(Call::Release(index), 200), committed, held) {
                (1.., ..) => Some(ReservationStatus::Released),
                (0, 1.., _) => Some(ReservationStatus::Committed),
                (0, 0, 1..) => Some(ReservationStatus::Held),
                (0, 0, 0) => None,
            };
            let found = db::reservations::find_all(&mut connection, [*order]).await.unwrap();
            let status = found.get(order).map(|reservation| reservation.status);
            assert_eq!(status, expected, "order {index} after {answers:?} in {:?}", self.scenario);
            assert!(held <= 1, "order {index} held {held} times in {:?}", self.scenario);
        }
    }

    /// Checks that exactly the remaining pieces can be reserved.
    async fn the_rest_can_be_sold(&self) {
        for product in &self.products {
            let Books { on_hand, reserved, .. } = books(&self.pool, *product).await;
            let left = u32::try_from(on_hand - reserved).unwrap();
            if left > 0 {
                assert_eq!(self.service.reserve(OrderId::new(), &[(*product, left)]).await.status, 201);
            }
            assert_eq!(self.service.reserve(OrderId::new(), &[(*product, 1)]).await.status, 409);
        }
    }
}

#[sqlx::test]
async fn stock_is_consistent_under_concurrent_callers(pool: PgPool) {
    let mut runner = TestRunner::default();
    let service = Service::new(pool.clone());
    for _ in 0..SCENARIOS {
        let scenario = scenarios().new_tree(&mut runner).unwrap().current();
        let storm = Storm::prepare(service.clone(), pool.clone(), scenario).await;
        let answers = storm.run().await;
        storm.books_are_right().await;
        storm.orders_match_their_answers(&answers).await;
        storm.the_rest_can_be_sold().await;
    }
}

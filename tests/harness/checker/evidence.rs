//! The data of the databases, the provider and the broker. The parts are read one after the other. Together
//! they are a consistent snapshot only while no message is in flight.

use super::deliveries::{Shipment, shipments};
use crate::{provider::Account as Money, shop::Shop, traffic::Message};
use contract::{
    ids::{OrderId, ProductId, PromotionId, UserId},
    orders::{Line, OrderStatus},
};
use futures_util::{StreamExt, stream};
use messaging::topology::{ALL_WORK_QUEUES, PARKING, RETRY_LADDER};
use sqlx::{Row, postgres::PgRow, types::Json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The largest number of messages to peek at in a queue that should be empty.
const PEEK_LIMIT: usize = 1000;
/// The number of concurrent requests to the provider.
const CONCURRENT_REQUESTS: usize = 16;

/// All data that the checker reads after the load.
pub(super) struct Evidence {
    pub(super) orders: BTreeMap<OrderId, Order>,
    /// The charges in the ledger of payment-worker: order, attempt, status.
    pub(super) charges: Vec<(OrderId, i64, String)>,
    /// The payments and refunds of each order at the provider.
    pub(super) money: BTreeMap<OrderId, Money>,
    /// The number of orders with a payment at the provider.
    pub(super) orders_at_provider: usize,
    /// The message count of each work and retry queue, and the messages that could be peeked at.
    pub(super) queues: BTreeMap<&'static str, (u64, Vec<Message>)>,
    pub(super) parked: Vec<Parked>,
    pub(super) products: BTreeMap<ProductId, Stock>,
    pub(super) reservations: BTreeMap<OrderId, Reservation>,
    pub(super) promotions: BTreeMap<PromotionId, Promotion>,
    pub(super) claims: BTreeMap<OrderId, Claim>,
    pub(super) shipments: BTreeMap<OrderId, Shipment>,
    /// The order of each parcel that the carrier has.
    pub(super) parcels: Vec<OrderId>,
}

/// A message that waits for staff: in operations-service's table, or still in the parking queue.
pub(super) struct Parked {
    pub(super) message_id: Option<String>,
    pub(super) order: Option<OrderId>,
    pub(super) what: String,
}

/// An order with its events.
pub(super) struct Order {
    pub(super) user: UserId,
    pub(super) status: OrderStatus,
    pub(super) version: u32,
    pub(super) total: Option<i64>,
    pub(super) events: Vec<Event>,
}

pub(super) struct Event {
    pub(super) version: u32,
    pub(super) status: OrderStatus,
    pub(super) published: bool,
}

pub(super) struct Stock {
    pub(super) on_hand: i64,
    pub(super) reserved: i64,
}

pub(super) struct Promotion {
    /// The counter of its uses.
    pub(super) used: i64,
    pub(super) total_limit: Option<i64>,
}

/// The claim of an order on promotions.
pub(super) struct Claim {
    pub(super) status: String,
    /// The price of the order. `None` if the claim was released before it was made.
    pub(super) total: Option<i64>,
    /// The promotions that the order uses.
    pub(super) uses: Vec<PromotionId>,
}

pub(super) struct Reservation {
    pub(super) status: String,
    pub(super) lines: Vec<Line>,
}

impl Evidence {
    pub(super) async fn gather(shop: &Shop) -> Self {
        // Orders are read last. A change during the reads then looks like a violation, and none is hidden.
        let queues = queues(shop).await;
        let parked = parked(shop).await;
        let products = products(shop).await;
        let reservations = reservations(shop).await;
        let promotions = promotions(shop).await;
        let claims = claims(shop).await;
        let parcels = shop.parcels().await.into_iter().map(|(_, order)| order).collect();
        let shipments = shipments(shop).await;
        let charges = charges(shop).await;
        let orders_at_provider = shop.provider().orders().await;
        let orders = orders(shop).await;
        let money = stream::iter(orders.keys().copied())
            .map(async |order| (order, shop.provider().account_of(order).await))
            .buffer_unordered(CONCURRENT_REQUESTS)
            .collect()
            .await;
        Self {
            orders,
            charges,
            money,
            orders_at_provider,
            queues,
            parked,
            products,
            reservations,
            promotions,
            claims,
            shipments,
            parcels,
        }
    }
}

async fn queues(shop: &Shop) -> BTreeMap<&'static str, (u64, Vec<Message>)> {
    let mut counted = BTreeMap::new();
    for (name, count) in waiting(shop).await {
        let messages = match count {
            0 => Vec::new(),
            _ => shop.broker().peek(name, PEEK_LIMIT).await.expect("peek at a queue"),
        };
        counted.insert(name, (count, messages));
    }
    counted
}

/// Reads the queue first and the table last. A message that moves from the queue to the table in between is
/// seen twice. In the other sequence it could be missed.
async fn parked(shop: &Shop) -> Vec<Parked> {
    let waiting = shop.broker().peek(PARKING, PEEK_LIMIT).await.expect("peek at the parking queue");
    let waiting = waiting.into_iter().map(|Message { routing_key, properties, .. }| Parked {
        message_id: properties["message_id"].as_str().map(str::to_owned),
        order: properties["correlation_id"].as_str().and_then(|id| id.parse().ok()),
        what: format!(
            "a message for {routing_key} waits in the parking queue: {}",
            properties["headers"]["x-reason"]
        ),
    });
    let query = "SELECT message_id, order_id, queue, reason FROM parked_messages WHERE state = 'parked'";
    let stored = rows(shop, "operations-service", query).await.into_iter().map(|row| {
        let order: Option<String> = row.get("order_id");
        let queue: Option<String> = row.get("queue");
        Parked {
            message_id: row.get("message_id"),
            order: order.and_then(|id| id.parse().ok()),
            what: format!(
                "a message for {} is parked: {}",
                queue.unwrap_or_default(),
                row.get::<String, _>("reason")
            ),
        }
    });
    waiting.chain(stored).collect()
}

/// The message count of each work and retry queue.
pub(super) async fn waiting(shop: &Shop) -> BTreeMap<&'static str, u64> {
    let all = shop.broker().queues().await.expect("list queues");
    let count = |name| all.iter().find(|queue| queue.name == name).map_or(0, |queue| queue.messages);
    let names =
        ALL_WORK_QUEUES.iter().map(|queue| queue.name).chain(RETRY_LADDER.iter().map(|step| step.name));
    names.map(|name| (name, count(name))).collect()
}

pub(super) async fn rows(shop: &Shop, service: &'static str, query: &'static str) -> Vec<PgRow> {
    sqlx::query(query).fetch_all(&shop.database(service)).await.expect("read a database")
}

async fn orders(shop: &Shop) -> BTreeMap<OrderId, Order> {
    let query = "select id, user_id, status, version, total_minor from orders";
    let order = |row: PgRow| {
        let order = Order {
            user: row.get::<Uuid, _>("user_id").into(),
            status: status(&row.get::<String, _>("status")),
            version: version(&row),
            total: row.get("total_minor"),
            events: Vec::new(),
        };
        (row.get::<Uuid, _>("id").into(), order)
    };
    let mut orders: BTreeMap<OrderId, _> =
        rows(shop, "order-service", query).await.into_iter().map(order).collect();
    let query = "select order_id, version, body->>'status' as status, outbox.order_id is null as published \
                 from order_events left join outbox using (order_id, version) order by order_id, version";
    for row in rows(shop, "order-service", query).await {
        let event = Event {
            version: version(&row),
            status: status(&row.get::<String, _>("status")),
            published: row.get("published"),
        };
        if let Some(order) = orders.get_mut(&row.get::<Uuid, _>("order_id").into()) {
            order.events.push(event);
        }
    }
    orders
}

async fn charges(shop: &Shop) -> Vec<(OrderId, i64, String)> {
    let query = "select order_id, attempt, status from charges order by order_id, attempt";
    let charge = |row: PgRow| (row.get::<Uuid, _>("order_id").into(), row.get("attempt"), row.get("status"));
    rows(shop, "payment-worker", query).await.into_iter().map(charge).collect()
}

async fn products(shop: &Shop) -> BTreeMap<ProductId, Stock> {
    let query = "select id, on_hand, reserved from products";
    let stock = |row: PgRow| {
        let stock = Stock { on_hand: row.get("on_hand"), reserved: row.get("reserved") };
        (row.get::<Uuid, _>("id").into(), stock)
    };
    rows(shop, "catalog-service", query).await.into_iter().map(stock).collect()
}

async fn reservations(shop: &Shop) -> BTreeMap<OrderId, Reservation> {
    let query = "select order_id, status, lines from reservations";
    let reservation = |row: PgRow| {
        let lines = row.get::<Json<Vec<Line>>, _>("lines").0;
        (row.get::<Uuid, _>("order_id").into(), Reservation { status: row.get("status"), lines })
    };
    rows(shop, "catalog-service", query).await.into_iter().map(reservation).collect()
}

async fn promotions(shop: &Shop) -> BTreeMap<PromotionId, Promotion> {
    let promotion = |row: PgRow| {
        let promotion = Promotion { used: row.get("used"), total_limit: row.get("total_limit") };
        (row.get::<Uuid, _>("id").into(), promotion)
    };
    let query = "select id, used, total_limit from promotions";
    rows(shop, "discount-service", query).await.into_iter().map(promotion).collect()
}

async fn claims(shop: &Shop) -> BTreeMap<OrderId, Claim> {
    let query = "select order_id, status, (pricing->'total'->>'amount_minor')::bigint as total, \
                        array(select promotion_id from uses where uses.order_id = claims.order_id) as uses \
                 from claims";
    let claim = |row: PgRow| {
        let uses = row.get::<Vec<Uuid>, _>("uses").into_iter().map(PromotionId::from).collect();
        let claim = Claim { status: row.get("status"), total: row.get("total"), uses };
        (row.get::<Uuid, _>("order_id").into(), claim)
    };
    rows(shop, "discount-service", query).await.into_iter().map(claim).collect()
}

fn status(text: &str) -> OrderStatus {
    text.parse().expect("a status")
}

pub(super) fn version(row: &PgRow) -> u32 {
    u32::try_from(row.get::<i32, _>("version")).expect("a version")
}

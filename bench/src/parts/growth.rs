//! Measures how much a large history slows orders and reads. The load of new orders runs without a history
//! and with a large one. The reads of old orders run on a small history and on a large one.

use super::{accepted, completed};
use crate::{
    extent::Extent,
    figures::{Figures, Goal, grouped, percentile},
    load::{milliseconds, steadily, subscribe},
    system::System,
};
use anyhow::{Context as _, Result};
use contract::{ids::OrderId, orders::OrderStatus};
use orderctl::{OrderQuery, Session};
use std::time::{Duration, Instant};

/// Reads per second.
const RATE: u32 = 100;
/// The number of connections for which `accepted` has a goal.
const CONNECTIONS: u32 = 64;
/// The number of orders of the small history, which shows the base latency of this machine.
const SMALL_HISTORY: u32 = 10_000;
/// The goal for the rate with a large history, as a share of the rate without a history.
const MIN_SHARE: f64 = 0.8;
/// The goal for the 99th percentile of a read, in milliseconds.
const READ_GOAL_MS: f64 = 5.0;

pub(super) async fn measure(system: &mut System, extent: Extent) -> Result<Figures> {
    let mut figures = Figures::default();
    system.load(SMALL_HISTORY).await?;
    reads(system, extent, SMALL_HISTORY, None, &mut figures).await?;
    system.forget().await?;
    let empty = Rates::of(system, extent).await?;
    system.load(extent.orders).await?;
    reads(system, extent, extent.orders, Some(READ_GOAL_MS), &mut figures).await?;
    let full = Rates::of(system, extent).await?;
    system.forget().await?;

    let there = format!("with a history of {} orders", grouped(extent.orders.into()));
    for (what, before, after) in [
        ("completed over a backlog of 20,000", empty.completed, full.completed),
        ("accepted, 64 connections", empty.accepted, full.accepted),
    ] {
        let shares = before.iter().zip(&after).map(|(before, after)| after / before).collect();
        figures.add(format!("{what}, without a history"), "orders/s", before);
        figures.add(format!("{what}, {there}"), "orders/s", after);
        figures.aim(format!("{what}, {there}, compared with none"), "×", shares, Goal::AtLeast(MIN_SHARE));
    }
    Ok(figures)
}

/// Orders per second of each round.
struct Rates {
    completed: Vec<f64>,
    accepted: Vec<f64>,
}

impl Rates {
    async fn of(system: &System, extent: Extent) -> Result<Self> {
        let (completed, _) = completed::rounds(system, extent).await?;
        let (seen, _) = accepted::rounds(system, extent, CONNECTIONS, false).await?;
        Ok(Self { completed, accepted: seen.iter().map(crate::wrk::Seen::rate).collect() })
    }
}

#[derive(Clone, Copy)]
enum Read {
    First,
    Deep,
    Order,
    Events,
    /// A list for staff, by a rare status.
    ByStatus,
    /// The snapshot of a new subscription.
    Snapshot,
}

/// Measures reads with a history of this many `orders`.
async fn reads(
    system: &System,
    extent: Extent,
    orders: u32,
    within: Option<f64>,
    figures: &mut Figures,
) -> Result<()> {
    let mut old = Vec::new();
    for customer in &system.customer_ids {
        // Only the older half of the customer's orders. A page that starts there is deep in the list.
        let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
            "select id from orders where user_id = $1 order by id \
             limit (select count(*) / 2 from orders where user_id = $1)",
        )
        .bind(customer.uuid())
        .fetch_all(&system.orders)
        .await?;
        old.push(ids);
    }
    let there = format!("history of {} orders", grouped(orders.into()));
    let staff = system.staff().await?;
    let mut drawn = 0_usize;
    for (what, read, goal) in [
        ("the last 20 orders of a customer", Read::First, within),
        ("20 old orders of a customer", Read::Deep, within),
        ("one old order", Read::Order, within),
        ("the events of an old order", Read::Events, None),
        ("the staff list of `refunded` orders", Read::ByStatus, within),
        ("a subscription to all orders of a customer", Read::Snapshot, within),
    ] {
        let (mut p50, mut p99) = (Vec::new(), Vec::new());
        for _ in 0..extent.rounds {
            let mut reading = steadily(RATE, extent.length, |_| {
                drawn += 1;
                let of = old.get(drawn % old.len().max(1)).context("there is no customer")?;
                // A step by a large prime picks orders in pseudo-random order. `drawn` keeps counting, so
                // later rounds read other orders.
                let id = *of.get(drawn * 7919 % of.len().max(1)).context("the customer has no orders")?;
                let session = match read {
                    Read::ByStatus => staff.clone(),
                    _ => system.customer(drawn)?.clone(),
                };
                Ok(read.answered(session, id.into()))
            })
            .await?;
            let mut times = Vec::new();
            while let Some(time) = reading.join_next().await {
                times.push(milliseconds(time??));
            }
            p50.push(percentile(&times, 50.0));
            p99.push(percentile(&times, 99.0));
        }
        figures.add(format!("{there}, {what}, p50"), "ms", p50);
        match goal {
            Some(goal) => figures.aim(format!("{there}, {what}, p99"), "ms", p99, Goal::Under(goal)),
            None => figures.add(format!("{there}, {what}, p99"), "ms", p99),
        }
    }
    Ok(())
}

impl Read {
    /// Sends this read and returns the time until its answer.
    async fn answered(self, session: Session, id: OrderId) -> Result<Duration> {
        // Opening the socket is not part of the measurement.
        let mut socket = match self {
            Self::Snapshot => Some(session.socket().await?),
            _ => None,
        };
        let sent = Instant::now();
        let page = |cursor| OrderQuery { limit: Some(20), cursor, ..OrderQuery::default() };
        match self {
            Self::First => drop(session.orders(&page(None)).await?),
            Self::Deep => drop(session.orders(&page(Some(id.to_string()))).await?),
            Self::Order => drop(session.order(id).await?),
            Self::Events => drop(session.events(id).await?),
            Self::ByStatus => {
                let query = OrderQuery { status: Some(OrderStatus::Refunded), ..page(None) };
                drop(session.orders(&query).await?);
            }
            Self::Snapshot => subscribe(socket.as_mut().context("the socket is not open")?).await?,
        }
        Ok(sent.elapsed())
    }
}

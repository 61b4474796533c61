//! What years of orders cost those of today: the same load on empty tables and on full ones, and the same reads of what is
//! long ago where there is little of it and where there is much.

use super::{accepted, completed};
use crate::{
    Extent,
    arena::Arena,
    figures::{Figures, Goal, grouped, percentile},
    load::{milliseconds, steadily, subscribe},
};
use anyhow::{Context as _, Result};
use contract::{ids::OrderId, orders::OrderStatus};
use orderctl::{OrderQuery, Session};
use std::time::{Duration, Instant};

/// Reads a second.
const RATE: u32 = 100;
/// As many as in `accepted` where that has its goal.
const CONNECTIONS: u32 = 64;
/// Orders with which reads say what this machine makes of them, whatever there is.
const FEW: u32 = 10_000;
/// What is left of a rate, at least.
const LEFT: f64 = 0.8;
/// Milliseconds for 99 of 100 reads.
const READ_WITHIN: f64 = 5.0;

pub(super) async fn measure(arena: &mut Arena, extent: Extent) -> Result<Figures> {
    let mut figures = Figures::default();
    arena.load(FEW).await?;
    reads(arena, extent, FEW, None, &mut figures).await?;
    arena.forget().await?;
    let empty = Pace::of(arena, extent).await?;
    arena.load(extent.orders).await?;
    reads(arena, extent, extent.orders, Some(READ_WITHIN), &mut figures).await?;
    let full = Pace::of(arena, extent).await?;
    arena.forget().await?;

    let there = format!("with {} orders there", grouped(extent.orders.into()));
    for (what, before, after) in [
        ("completed over a backlog of 20,000", empty.completed, full.completed),
        ("accepted, 64 connections", empty.accepted, full.accepted),
    ] {
        let shares = before.iter().zip(&after).map(|(before, after)| after / before).collect();
        figures.add(format!("{what}, with none there"), "orders/s", before);
        figures.add(format!("{what}, {there}"), "orders/s", after);
        figures.aim(format!("{what}, {there} against none"), "×", shares, Goal::AtLeast(LEFT));
    }
    Ok(figures)
}

/// Orders a second, by round.
struct Pace {
    completed: Vec<f64>,
    accepted: Vec<f64>,
}

impl Pace {
    async fn of(arena: &Arena, extent: Extent) -> Result<Self> {
        let (completed, _) = completed::rounds(arena, extent).await?;
        let (seen, _) = accepted::rounds(arena, extent, CONNECTIONS, false).await?;
        Ok(Self { completed, accepted: seen.iter().map(crate::wrk::Seen::rate).collect() })
    }
}

#[derive(Clone, Copy)]
enum Read {
    First,
    Deep,
    Order,
    Events,
    /// Staff: orders with a status that hardly any order has.
    ByStatus,
    /// A socket's first statuses.
    Snapshot,
}

/// Reads where there are so many `orders`.
async fn reads(
    arena: &Arena,
    extent: Extent,
    orders: u32,
    within: Option<f64>,
    figures: &mut Figures,
) -> Result<()> {
    let mut old = Vec::new();
    for customer in &arena.customer_ids {
        // The older half, so that a page from there on is deep in the list.
        let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
            "select id from orders where user_id = $1 order by id \
             limit (select count(*) / 2 from orders where user_id = $1)",
        )
        .bind(customer.uuid())
        .fetch_all(&arena.orders)
        .await?;
        old.push(ids);
    }
    let there = format!("of {} orders", grouped(orders.into()));
    let staff = arena.staff().await?;
    let mut drawn = 0_usize;
    for (what, read, goal) in [
        ("a customer's last 20", Read::First, within),
        ("20 deep in a customer's list", Read::Deep, within),
        ("an old one", Read::Order, within),
        ("an old one's events", Read::Events, None),
        ("staff's orders that are `refunded`", Read::ByStatus, within),
        ("a subscription to all of a customer's", Read::Snapshot, within),
    ] {
        let (mut p50, mut p99) = (Vec::new(), Vec::new());
        for _ in 0..extent.rounds {
            let mut reading = steadily(RATE, extent.length, |_| {
                drawn += 1;
                let of = old.get(drawn % old.len().max(1)).context("there are customers")?;
                // Steps of a large prime are as good as at random, and no round reads what another has read.
                let id = *of.get(drawn * 7919 % of.len().max(1)).context("they have orders")?;
                let session = match read {
                    Read::ByStatus => staff.clone(),
                    _ => arena.customer(drawn)?.clone(),
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
    /// How long the answer takes.
    async fn answered(self, session: Session, id: OrderId) -> Result<Duration> {
        // Opening it is not what is measured.
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
            Self::Snapshot => subscribe(socket.as_mut().context("it is open")?).await?,
        }
        Ok(sent.elapsed())
    }
}

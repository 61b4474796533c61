//! What years of orders cost those of today: the same load on empty tables and on full ones, and reads of what is long
//! ago.

use super::{accepted, completed};
use crate::{
    Extent,
    arena::Arena,
    figures::{Figures, Goal, grouped, percentile},
    load::{milliseconds, steadily},
};
use anyhow::{Context as _, Result};
use common::contract::ids::OrderId;
use orderctl::{OrderQuery, Session};
use std::time::{Duration, Instant};

/// Reads a second.
const RATE: u32 = 100;
/// As many as in `accepted` where that has its goal.
const CONNECTIONS: u32 = 64;
/// What is left of a rate, at least.
const LEFT: f64 = 0.8;

pub(super) async fn measure(arena: &mut Arena, extent: Extent) -> Result<Figures> {
    let empty = Pace::of(arena, extent).await?;
    arena.load(extent.orders).await?;
    let mut figures = reads(arena, extent).await?;
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
}

async fn reads(arena: &Arena, extent: Extent) -> Result<Figures> {
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
    let mut figures = Figures::default();
    let mut drawn = 0_usize;
    for (what, read, goal) in [
        ("a customer's last 20 orders", Read::First, Some(5.0)),
        ("20 orders deep in a customer's list", Read::Deep, Some(5.0)),
        ("an old order", Read::Order, Some(5.0)),
        ("an old order's events", Read::Events, None),
    ] {
        let (mut p50, mut p99) = (Vec::new(), Vec::new());
        for _ in 0..extent.rounds {
            let mut reading = steadily(RATE, extent.length, |_| {
                drawn += 1;
                let of = old.get(drawn % old.len().max(1)).context("there are customers")?;
                // Steps of a large prime are as good as at random, and no round reads what another has read.
                let id = *of.get(drawn * 7919 % of.len().max(1)).context("they have orders")?;
                Ok(read.answered(arena.customer(drawn)?.clone(), id.into()))
            })
            .await?;
            let mut times = Vec::new();
            while let Some(time) = reading.join_next().await {
                times.push(milliseconds(time??));
            }
            p50.push(percentile(&times, 50.0));
            p99.push(percentile(&times, 99.0));
        }
        figures.add(format!("{what}, p50"), "ms", p50);
        match goal {
            Some(goal) => figures.aim(format!("{what}, p99"), "ms", p99, Goal::Under(goal)),
            None => figures.add(format!("{what}, p99"), "ms", p99),
        }
    }
    Ok(figures)
}

impl Read {
    /// How long the answer takes.
    async fn answered(self, session: Session, id: OrderId) -> Result<Duration> {
        let sent = Instant::now();
        let page = |cursor| OrderQuery { limit: Some(20), cursor, ..OrderQuery::default() };
        match self {
            Self::First => drop(session.orders(&page(None)).await?),
            Self::Deep => drop(session.orders(&page(Some(id.to_string()))).await?),
            Self::Order => drop(session.order(id).await?),
            Self::Events => drop(session.events(id).await?),
        }
        Ok(sent.elapsed())
    }
}

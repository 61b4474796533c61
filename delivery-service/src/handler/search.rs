//! The search finds completed orders without a shipment.
//!
//! A message can be lost, because the queue is purged or the broker loses its disk. Then no event creates the
//! shipment. So the search compares all completed orders with the shipments, some minutes after they were
//! placed and again later. It remembers how far it has come, so it also finds orders that completed while
//! this service was away.

use super::{DeliveryWorker, Failure};
use crate::db::searches;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use contract::ids::OrderId;
use runtime::{
    lifecycle::TaskResult,
    trace::{self, TraceContext},
};
use std::{collections::HashSet, time::Duration};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

/// The names of the searches, with their ages as multiples of the first age. Most orders complete within
/// seconds of their placement. A declined payment, or a worker that is away, takes longer.
const SEARCHES: [(&str, i32); 3] = [("early", 1), ("late", 15), ("last", 90)];
/// A new installation has no orders yet. One that adds this service later starts with the orders of the last
/// day.
const FIRST_SEARCH: TimeDelta = TimeDelta::days(1);
/// The longest time of a round. The next round continues the work.
const ROUND_LIMIT: Duration = Duration::from_mins(1);

/// The settings of the search.
#[derive(Args, Clone, Copy)]
pub(crate) struct SearchOptions {
    /// The seconds after the placement of an order until the search looks for its shipment. It looks again
    /// after fifteen times and ninety times as long.
    #[arg(long, env = "SEARCH_AFTER_SECONDS", default_value = "120", value_parser = clap::value_parser!(u32).range(1..))]
    search_after_seconds: u32,
}

#[derive(Debug, thiserror::Error)]
enum SearchError {
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// Searches until the process should end.
pub(crate) async fn run(
    worker: DeliveryWorker,
    options: SearchOptions,
    shutdown: CancellationToken,
) -> TaskResult {
    let age = TimeDelta::seconds(options.search_after_seconds.into());
    // A round is cheap. Its interval delays a found order by a third of the first age at most.
    let mut ticks = interval(Duration::from_millis(u64::from(options.search_after_seconds) * 1_000 / 3));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = shutdown.cancelled() => return Ok(()),
        }
        for (name, factor) in SEARCHES {
            let searching = search(&worker, name, age * factor);
            let searched = tokio::select! {
                searched = timeout(ROUND_LIMIT, trace::scope(TraceContext::root(), searching)) => searched,
                () = shutdown.cancelled() => return Ok(()),
            };
            match searched {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "cannot search for orders without a shipment now"),
                Err(_) => tracing::warn!(limit = ?ROUND_LIMIT, "a search exceeded its time limit"),
            }
        }
    }
}

/// Compares the orders that were placed between the last search and `age` ago.
async fn search(worker: &DeliveryWorker, name: &str, age: TimeDelta) -> Result<(), SearchError> {
    let pool = &worker.shipments.pool;
    let until = Utc::now() - age;
    let mut from = searches::reached(pool, name, until - FIRST_SEARCH).await?;
    let before = OrderId::earliest(until);
    let mut after = OrderId::earliest(from);
    while from < until {
        let page = worker.orders.completed(after, before).await.map_err(Failure::from)?;
        let ids: Vec<_> = page.items.iter().map(|order| order.id.uuid()).collect();
        // A full page may be followed by another one.
        let last = page.items.last().map(|order| order.id).filter(|_| page.next_cursor.is_some());
        let missing: HashSet<_> = searches::missing(pool, &ids).await?.into_iter().collect();
        for order in page.items {
            if !missing.contains(&order.id.uuid()) {
                continue;
            }
            let order_id = order.id;
            if worker.shipments.create(order).await.map_err(Failure::from)? {
                tracing::warn!(%order_id, "the event of a completed order was lost; its shipment is created now");
                metrics::counter!("shipments_found_missing_total").increment(1);
            }
        }
        match last {
            Some(last) => {
                after = last;
                from = placed_at(last).unwrap_or(from);
            }
            None => from = until,
        }
        searches::reach(pool, name, from).await?;
    }
    Ok(())
}

/// The time at which an order was placed: its id is a `UUIDv7`, which begins with its time.
fn placed_at(id: OrderId) -> Option<DateTime<Utc>> {
    let milliseconds = i64::try_from(id.uuid().as_u128() >> 80).ok()?;
    DateTime::from_timestamp_millis(milliseconds)
}

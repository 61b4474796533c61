//! Builds the service from its parts and runs it.

use crate::{
    backlog::Backlog,
    change::Orders,
    config::Config,
    db::{self, MIGRATIONS},
    handover::Handover,
    http,
    push::{feed, hub::Hub},
    state::{AppState, Shared},
    timers,
};
use contract::{events::OrderEvent, ids::UserId};
use messaging::{
    connection::Broker,
    declaring::Part,
    publisher::Publisher,
    relay::{self, Relay},
    topology::ORDERS,
};
use rest::{auth::verifier::Verifier, rate_limit::RateLimit, server};
use runtime::{
    health::{Gate, Health},
    lifecycle::{Lifecycle, TaskResult},
};
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use storage::outbox::Outbox;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const NAME: &str = env!("CARGO_PKG_NAME");
/// The relay has its own connections, so that it can publish while many requests wait for a connection.
const RELAY_CONNECTIONS: u32 = 2;
/// The time between two deletions of expired data.
const HOUSEKEEPING: Duration = Duration::from_mins(5);

/// Runs the service until shutdown.
pub(crate) async fn run(config: Config) -> TaskResult {
    let pool = |connections| storage::pool(&config.database_url.reveal(), NAME, connections);
    let db = pool(config.database_connections)?;
    let broker = Broker::new(&config.broker, NAME).for_own_messages().declaring(Part::Everything);
    let verifier = Verifier::fetching(config.jwks_url, &config.token_issuer, &config.token_audience)?;
    let publisher = Arc::new(Publisher::new(&broker));
    let listener = server::bind(config.listen).await?;

    let mut lifecycle = Lifecycle::default();
    let shutdown = lifecycle.shutdown();
    let hub = Hub::default();
    let backlog = Backlog::new(config.max_waiting_orders);
    let (relay, handed) = relay::handover();
    let handover = Handover { relay, hub: hub.clone() };
    let state = AppState::from(Shared {
        orders: Orders::new(db.clone(), handover),
        verifier: verifier.clone(),
        hub,
        placing: Arc::new(RateLimit::per_minute(config.orders_per_minute)),
        limits: config.limits,
        backlog: backlog.clone(),
        shutdown: shutdown.clone(),
        sockets: TaskTracker::new(),
    });
    let (health, needs) = health(&db);

    lifecycle.spawn("keys", verifier.keep_keys(needs.keys, shutdown.clone()));
    let feed = feed::run(broker, Arc::clone(&publisher), state.hub.clone(), needs.broker, shutdown.clone());
    lifecycle.spawn("push", feed);
    lifecycle.spawn("sockets", close_sockets(state.sockets.clone(), shutdown.clone()));
    let (placements, writers) = (state.orders.placements.clone(), state.orders.writers.clone());
    let outbox = Outbox::new(&pool(RELAY_CONNECTIONS)?, db::TABLES);
    let relay = Relay::new(ORDERS, outbox, publisher, handed, config.relay)
        // Placing orders has priority.
        .pausing_while(move || placements.waiting() > 0);
    let quiet = CancellationToken::new();
    let relaying = migrate_and_relay(db.clone(), needs.schema, relay, shutdown.clone(), quiet.clone());
    lifecycle.spawn("relay", relaying);
    let timers = timers::run(state.orders.clone(), config.patience, shutdown.clone());
    lifecycle.spawn("timers", writers.track_future(timers));
    lifecycle.spawn("backlog", backlog.keep_counting(db.clone(), shutdown.clone()));
    lifecycle.spawn("housekeeping", housekeeping(db, state.placing.clone(), shutdown.clone()));
    let app = server::app(http::routes(state), health);
    lifecycle.spawn("http", writers.track_future(server::serve(listener, app, shutdown.clone())));
    lifecycle.spawn("writers", end_relay(writers, quiet, shutdown));
    Ok(lifecycle.run().await?)
}

/// The gates that must open before this replica is ready.
struct Needs {
    schema: Gate,
    keys: Gate,
    broker: Gate,
}

fn health(db: &PgPool) -> (Health, Needs) {
    let mut health = Health::default();
    let db = db.clone();
    health.check("database", move || {
        let db = db.clone();
        async move { storage::ping(&db).await }
    });
    let needs = Needs { schema: health.schema(), keys: health.keys(), broker: health.broker() };
    (health, needs)
}

/// Applies the migrations, and then runs the relay.
async fn migrate_and_relay(
    db: PgPool,
    schema: Gate,
    relay: Relay<OrderEvent>,
    shutdown: CancellationToken,
    quiet: CancellationToken,
) -> TaskResult {
    storage::migrate(&db, &MIGRATIONS, &schema, &shutdown).await?;
    relay.run(quiet).await
}

/// After the shutdown signal, ends the relay as soon as all writers have ended. The writers are running
/// requests, the timers, and writes whose request was dropped.
async fn end_relay(
    writers: TaskTracker,
    quiet: CancellationToken,
    shutdown: CancellationToken,
) -> TaskResult {
    shutdown.cancelled().await;
    writers.close();
    writers.wait().await;
    quiet.cancel();
    Ok(())
}

/// Waits at shutdown until all WebSockets are closed.
async fn close_sockets(sockets: TaskTracker, shutdown: CancellationToken) -> TaskResult {
    shutdown.cancelled().await;
    sockets.close();
    sockets.wait().await;
    Ok(())
}

/// Removes expired data.
async fn housekeeping(
    db: PgPool,
    placing: Arc<RateLimit<UserId>>,
    shutdown: CancellationToken,
) -> TaskResult {
    let mut interval = tokio::time::interval(HOUSEKEEPING);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            () = shutdown.cancelled() => return Ok(()),
        }
        placing.forget_idle();
        tokio::select! {
            () = prune(&db) => {}
            () = shutdown.cancelled() => return Ok(()),
        }
    }
}

async fn prune(db: &PgPool) {
    match db::idempotency::prune(db).await {
        Ok(0) => {}
        Ok(pruned) => tracing::info!(pruned, "removed expired idempotency keys"),
        Err(error) => tracing::debug!(%error, "cannot prune idempotency keys now"),
    }
    if let Err(error) = db::limits::prune(db).await {
        tracing::debug!(%error, "cannot prune declined payments now");
    }
}

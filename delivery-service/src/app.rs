//! Builds the service from its parts and runs it.

use crate::{
    carrier::Carrier,
    config::Config,
    db,
    handler::{DeliveryWorker, search, sweep},
    http,
    orders::Orders,
    shipments::Shipments,
    state::AppState,
};
use messaging::{
    connection::Broker,
    consumer::Consumer,
    declaring::Part,
    publisher::Publisher,
    relay::{self, Relay},
    topology::{DELIVERIES, DELIVERY_SERVICE},
};
use rest::{
    auth::{service_token::TokenSource, verifier::Verifier},
    client::ServiceClient,
    server,
};
use runtime::{
    health::{Gate, Health},
    http_client,
    lifecycle::{Lifecycle, TaskResult},
};
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use storage::outbox::Outbox;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const NAME: &str = env!("CARGO_PKG_NAME");
/// The time limit of requests to order-service and user-service.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// The time limit of requests to the carrier. It is shorter than the limit of a task of the sweep.
const CARRIER_TIMEOUT: Duration = Duration::from_secs(8);
/// The relay has its own connections, so that it can publish while many requests wait for a connection.
const RELAY_CONNECTIONS: u32 = 2;

/// Runs the service until shutdown.
pub(crate) async fn run(config: Config) -> TaskResult {
    let pool = |connections| storage::pool(&config.database_url.reveal(), NAME, connections);
    let connections = pool(config.database_connections)?;
    let outbox = Outbox::new(&pool(RELAY_CONNECTIONS)?, db::TABLES);
    let listener = server::bind(config.listen).await?;
    let verifier = Verifier::fetching(config.jwks_url, &config.token_issuer, &config.token_audience)?;

    let mut lifecycle = Lifecycle::default();
    let shutdown = lifecycle.shutdown();
    let (health, needs) = health(&connections);
    let (relay, handed) = relay::handover();
    let shipments = Shipments::new(connections.clone(), relay, config.sweep.poll_after());
    let calls = http_client::client(CALL_TIMEOUT)?;
    let tokens = TokenSource::new(calls.clone(), config.token);
    let orders = Orders::new(ServiceClient::new(calls, config.order_service_url, tokens));
    let worker = DeliveryWorker { shipments: shipments.clone(), orders };
    let carrier = Carrier::new(http_client::client(CARRIER_TIMEOUT)?, config.carrier_url, config.carrier_key);

    let broker = Broker::new(&config.broker, NAME);
    let publisher = Arc::new(Publisher::new(&broker.clone().declaring(Part::Exchange(DELIVERIES))));
    let relay = Relay::new(DELIVERIES, outbox, publisher, handed, config.relay);
    let consumer =
        Consumer::new(&DELIVERY_SERVICE, config.prefetch.get(), Publisher::new(&broker), worker.clone());

    let state = AppState {
        shipments: shipments.clone(),
        carrier_secret: config.carrier_webhook_secret,
        verifier: verifier.clone(),
    };
    let app = server::app(http::routes(state), health);
    let writers = shipments.writers;
    let quiet = CancellationToken::new();
    lifecycle.spawn("keys", verifier.keep_keys(needs.keys, shutdown.clone()));
    lifecycle.spawn("http", writers.track_future(server::serve(listener, app, shutdown.clone())));
    let (shutting_down, schema) = (shutdown.clone(), needs.schema);
    let working = writers.track_future({
        let shutdown = shutdown.clone();
        async move {
            let sweeping = sweep::run(worker.clone(), carrier, config.sweep, shutdown.clone());
            let searching = search::run(worker, config.search, shutdown.clone());
            tokio::try_join!(consumer.run(broker, needs.broker, shutdown), sweeping, searching).map(drop)
        }
    });
    let relaying = relay.run(quiet.clone());
    lifecycle.spawn("worker", async move {
        storage::migrate(&connections, &db::MIGRATIONS, &schema, &shutting_down).await?;
        tokio::try_join!(working, relaying).map(drop)
    });
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

/// After the shutdown signal, ends the relay as soon as all writers have ended.
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

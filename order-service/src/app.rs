//! Puts the service together.

use crate::{
    config::Config,
    db::{self, MIGRATIONS},
    http::{self, Services},
    push::{feed, hub::Hub},
    relay::{Relay, WakeUp},
};
use anyhow::Context;
use common::{
    amqp::{connection::Broker, publisher::Publisher},
    auth::verifier::Verifier,
    contract::ids::UserId,
    database,
    http::{health::Health, rate_limit::RateLimit, server},
    lifecycle::{Lifecycle, TaskResult},
};
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const NAME: &str = "order-service";
/// How often what is no longer needed is removed.
const HOUSEKEEPING: Duration = Duration::from_mins(5);

/// Runs until the process is to end.
pub(crate) async fn run(config: Config) -> anyhow::Result<()> {
    let listener = server::bind(config.listen).await?;
    let db = database::pool(&config.database_url, NAME, config.database_connections)
        .context("ORDERS_DATABASE_URL is no PostgreSQL address")?;
    let broker = Broker::new(&config.broker, NAME);
    let verifier = Verifier::fetching(config.jwks_url, &config.token_issuer, &config.token_audience)?;

    let mut health = Health::default();
    let migrated = health.gate("schema", "not brought up to date yet");
    let keys = health.gate("keys", "user-service's keys are not here yet");
    let connected = health.gate("broker", "RabbitMQ has not answered yet");
    let pinged = db.clone();
    health.check("database", move || {
        let db = pinged.clone();
        async move { database::ping(&db).await }
    });

    let mut lifecycle = Lifecycle::default();
    let shutdown = lifecycle.shutdown();
    let wake = WakeUp::default();
    let hub = Hub::default();
    let sockets = TaskTracker::new();
    let placing = Arc::new(RateLimit::per_minute(config.orders_per_minute));
    let relay = Relay::new(db.clone(), Publisher::new(&broker)?, wake.clone());
    let services = Services {
        db: db.clone(),
        verifier: verifier.clone(),
        relay: wake,
        hub: hub.clone(),
        placing: Arc::clone(&placing),
        shutdown: shutdown.clone(),
        sockets: sockets.clone(),
    };

    let app = server::app(http::routes(services), health);
    lifecycle.spawn("http", server::serve(listener, app, shutdown.clone()));
    lifecycle.spawn("sockets", {
        let shutdown = shutdown.clone();
        async move {
            shutdown.cancelled().await;
            sockets.close();
            sockets.wait().await;
            Ok(())
        }
    });
    lifecycle.spawn("keys", verifier.keep_keys(keys, shutdown.clone()));
    lifecycle.spawn("push", feed::run(broker, hub, connected, shutdown.clone()));
    lifecycle.spawn("relay", {
        let (db, shutdown) = (db.clone(), shutdown.clone());
        async move {
            database::migrate(&db, &MIGRATIONS, &migrated, &shutdown).await?;
            relay.run(shutdown).await
        }
    });
    lifecycle.spawn("housekeeping", housekeeping(db, placing, shutdown));
    Ok(lifecycle.run().await?)
}

/// Removes what is no longer needed.
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
        match db::idempotency::prune(&db).await {
            Ok(0) => {}
            Ok(pruned) => tracing::info!(pruned, "removed idempotency keys of the day before"),
            Err(error) => tracing::debug!(%error, "cannot prune idempotency keys now"),
        }
    }
}

//! Starts the service.

use crate::{
    config::Config,
    consumer, db,
    http::{self, AppState},
    management::Management,
    replay::Replayer,
    watch,
};
use messaging::{connection::Broker, publisher::Publisher};
use rest::{auth::verifier::Verifier, server};
use runtime::{
    health::Health,
    lifecycle::{Lifecycle, TaskResult},
};
use std::sync::Arc;

/// The size of the connection pool. Staff send few requests, and the consumer uses one connection.
const MAX_CONNECTIONS: u32 = 8;

/// Runs until the process gets a signal to end.
///
/// The service becomes ready when it has its schema and the keys for tokens. After that it stays ready without
/// RabbitMQ or PostgreSQL: staff then need it most. A request says which of the two does not answer.
pub(crate) async fn run(config: Config) -> TaskResult {
    let listener = server::bind(config.listen).await?;
    let management = Arc::new(Management::new(&config.broker.amqp_url, config.amqp_management_url.as_ref())?);
    let broker = Broker::new(&config.broker, env!("CARGO_PKG_NAME"));
    let pool = storage::pool(&config.database_url, env!("CARGO_PKG_NAME"), MAX_CONNECTIONS)
        .map_err(|error| format!("OPERATIONS_DATABASE_URL: {error}"))?;
    let verifier = Verifier::fetching(config.jwks_url, &config.token_issuer, &config.token_audience)?;

    let mut health = Health::default();
    let migrated = health.gate("postgresql", "the schema is not up to date yet");
    let keys = health.gate("keys", "not fetched from user-service yet");
    let state = AppState {
        pool: pool.clone(),
        replayer: Replayer::new(pool.clone(), Publisher::new(&broker)),
        management: Arc::clone(&management),
        verifier: verifier.clone(),
    };
    let app = server::app(http::routes(state), health);

    let mut lifecycle = Lifecycle::default();
    let shutdown = lifecycle.shutdown();
    lifecycle.spawn("http", server::serve(listener, app, shutdown.clone()));
    lifecycle.spawn("watch", watch::run(management, shutdown.clone()));
    lifecycle.spawn("keys", verifier.keep_keys(keys, shutdown.clone()));
    lifecycle.spawn("parking", async move {
        storage::migrate(&pool, &db::MIGRATIONS, &migrated, &shutdown).await?;
        consumer::run(broker, pool, shutdown).await
    });
    Ok(lifecycle.run().await?)
}

//! Builds the service from its parts and runs it.

use crate::{
    config::Config, consumer, db, http, management::Management, replay::Replayer, state::AppState, watch,
};
use messaging::{connection::Broker, publisher::Publisher};
use rest::{auth::verifier::Verifier, server};
use runtime::{
    health::Health,
    lifecycle::{Lifecycle, TaskResult},
};
use std::sync::Arc;

/// The size of the connection pool. Staff send few requests, and the consumer uses one connection.
const DATABASE_CONNECTIONS: u32 = 8;

/// Runs the service until shutdown.
///
/// The service is ready when it has its schema and the keys for tokens. It then stays ready without RabbitMQ and
/// PostgreSQL, because staff need it most during an outage. The answer to a request names the server that is down.
pub(crate) async fn run(config: Config) -> TaskResult {
    let listener = server::bind(config.listen).await?;
    let management = Arc::new(Management::new(&config.broker.amqp_url, config.amqp_management_url.as_ref())?);
    let broker = Broker::new(&config.broker, env!("CARGO_PKG_NAME"));
    let pool = storage::pool(&config.database_url.reveal(), env!("CARGO_PKG_NAME"), DATABASE_CONNECTIONS)?;
    let verifier = Verifier::fetching(config.jwks_url, &config.token_issuer, &config.token_audience)?;

    let mut health = Health::default();
    let schema = health.schema();
    let keys = health.keys();
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
        storage::migrate(&pool, &db::MIGRATIONS, &schema, &shutdown).await?;
        consumer::run(broker, pool, shutdown).await
    });
    Ok(lifecycle.run().await?)
}

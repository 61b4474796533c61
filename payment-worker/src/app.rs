//! Builds the worker from its parts and runs it.

use crate::{
    config::Config,
    db::{self, ledger::Ledger},
    handler::{PaymentWorker, sweep},
    http,
    provider::Provider,
    state::AppState,
};
use messaging::{connection::Broker, consumer::Consumer, publisher::Publisher, topology};
use rest::{
    auth::{service_token::TokenSource, verifier::Verifier},
    client::ServiceClient,
    orders_client::OrdersClient,
    server,
};
use runtime::{
    health::{Gate, Health},
    http_client,
    lifecycle::{Lifecycle, TaskResult},
};
use std::{sync::Arc, time::Duration};

/// The time limit of requests to order-service and user-service.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// The time limit of requests to the provider. After a timeout, the worker asks the provider for the result.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(8);
/// The size of the connection pool. A delivery holds a connection only for single statements.
const DATABASE_CONNECTIONS: u32 = 8;

/// Runs the worker until shutdown.
pub(crate) async fn run(config: Config) -> TaskResult {
    let mut lifecycle = Lifecycle::default();
    let mut health = Health::default();
    let schema = health.schema();
    let connected = health.broker();
    let pool = storage::pool(&config.database_url.reveal(), env!("CARGO_PKG_NAME"), DATABASE_CONNECTIONS)?;
    let pinged = pool.clone();
    health.check("database", move || {
        let pool = pinged.clone();
        async move { storage::ping(&pool).await }
    });
    let listener = server::bind(config.listen).await?;

    let verifier = Verifier::fetching(config.jwks_url, &config.token_issuer, &config.token_audience)?;
    let calls = http_client::client(CALL_TIMEOUT)?;
    let tokens = TokenSource::new(calls.clone(), config.token);
    let worker = PaymentWorker {
        ledger: Ledger::new(pool.clone()),
        provider: Provider::new(
            http_client::client(PROVIDER_TIMEOUT)?,
            config.payment_provider_url,
            config.payment_provider_key,
        ),
        orders: Arc::new(OrdersClient::new(ServiceClient::new(calls, config.order_service_url, tokens))),
    };

    let broker = Broker::new(&config.broker, env!("CARGO_PKG_NAME"));
    let publisher = Publisher::new(&broker);
    let consumer = Consumer::new(&topology::PAYMENT_WORKER, config.prefetch.get(), publisher, worker.clone());

    let state = AppState {
        ledger: worker.ledger.clone(),
        provider: worker.provider.clone(),
        verifier: verifier.clone(),
    };
    let app = server::app(http::routes(state), health);
    lifecycle.spawn("http", server::serve(listener, app, lifecycle.shutdown()));
    // Not a part of readiness: without keys, staff get a 503, but the worker still charges orders.
    lifecycle.spawn("keys", verifier.keep_keys(Gate::default(), lifecycle.shutdown()));
    let shutdown = lifecycle.shutdown();
    lifecycle.spawn("worker", async move {
        storage::migrate(&pool, &db::MIGRATIONS, &schema, &shutdown).await?;
        let sweeping = sweep::run(worker, config.sweep, shutdown.clone());
        tokio::try_join!(consumer.run(broker, connected, shutdown), sweeping).map(drop)
    });
    Ok(lifecycle.run().await?)
}

//! Puts the parts together.

use crate::{
    config::Config,
    db::{self, ledger::Ledger},
    handler::PaymentWorker,
    provider::Provider,
};
use common::{
    amqp::{connection::Broker, consumer::Consumer, publisher::Publisher, topology},
    auth::service_token::TokenSource,
    database,
    http::{
        client::{self, ServiceClient},
        health::Health,
        orders_client::OrdersClient,
        server,
    },
    lifecycle::{BoxError, Lifecycle},
};
use std::time::Duration;

/// How long order-service and user-service may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the provider may take. Whatever it has done by then is found out by asking it.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(8);
/// Connections to the ledger; a delivery holds one for single statements only.
const MAX_CONNECTIONS: u32 = 8;

/// Runs until the process is told to end.
pub(crate) async fn run(config: Config) -> Result<(), BoxError> {
    let mut lifecycle = Lifecycle::default();
    let mut health = Health::default();
    let migrated = health.gate("schema", "not up to date yet");
    let connected = health.gate("rabbitmq", "not consuming");
    let pool = database::pool(&config.database_url, env!("CARGO_PKG_NAME"), MAX_CONNECTIONS)
        .map_err(|error| format!("PAYMENTS_DATABASE_URL: {error}"))?;
    let pinged = pool.clone();
    health.check("postgresql", move || {
        let pool = pinged.clone();
        async move { database::ping(&pool).await }
    });
    let listener = server::bind(config.listen).await?;

    let http = client::client(CALL_TIMEOUT)?;
    let tokens = TokenSource::new(http.clone(), config.token);
    let worker = PaymentWorker {
        ledger: Ledger::new(pool.clone()),
        provider: Provider::new(
            client::client(PROVIDER_TIMEOUT)?,
            config.payment_provider_url,
            config.payment_provider_key,
        ),
        orders: OrdersClient::new(ServiceClient::new(http, config.order_service_url, tokens)),
    };

    let broker = Broker::new(&config.broker, env!("CARGO_PKG_NAME"));
    let publisher = Publisher::new(&broker)?;
    let consumer = Consumer::new(&topology::PAYMENT_WORKER, config.prefetch.get(), publisher, worker);

    lifecycle.spawn("http", server::serve(listener, server::operations(health), lifecycle.shutdown()));
    let shutdown = lifecycle.shutdown();
    lifecycle.spawn("consumer", async move {
        database::migrate(&pool, &db::MIGRATIONS, &migrated, &shutdown).await?;
        consumer.run(broker, connected, shutdown).await
    });
    Ok(lifecycle.run().await?)
}

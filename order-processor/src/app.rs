//! Builds the worker from its parts and runs it.

use crate::{catalog::CatalogClient, config::Config, discounts::DiscountsClient, handler::Processor};
use messaging::{connection::Broker, consumer::Consumer, publisher::Publisher, topology};
use rest::{auth::service_token::TokenSource, client::ServiceClient, orders_client::OrdersClient, server};
use runtime::{
    health::Health,
    http_client,
    lifecycle::{Lifecycle, TaskResult},
};
use std::time::Duration;

/// The timeout of a call to another service. A delivery makes at most four calls in turn and must end within
/// the time that a process has to drain.
const CALL_TIMEOUT: Duration = Duration::from_secs(6);

/// Runs the worker until shutdown.
pub(crate) async fn run(config: Config) -> TaskResult {
    let mut lifecycle = Lifecycle::default();
    let mut health = Health::default();
    let connected = health.broker();
    let listener = server::bind(config.listen).await?;

    let http = http_client::client(CALL_TIMEOUT)?;
    let tokens = TokenSource::new(http.clone(), config.token);
    let catalog = ServiceClient::new(http.clone(), config.catalog_service_url, tokens.clone());
    let discounts = ServiceClient::new(http.clone(), config.discount_service_url, tokens.clone());
    let orders = ServiceClient::new(http, config.order_service_url, tokens);
    let processor = Processor {
        catalog: CatalogClient::new(catalog),
        discounts: DiscountsClient::new(discounts),
        orders: OrdersClient::new(orders),
    };

    let broker = Broker::new(&config.broker, env!("CARGO_PKG_NAME"));
    let publisher = Publisher::new(&broker);
    let consumer = Consumer::new(&topology::ORDER_PROCESSOR, config.prefetch.get(), publisher, processor);

    lifecycle.spawn("http", server::serve(listener, server::operations(health), lifecycle.shutdown()));
    lifecycle.spawn("consumer", consumer.run(broker, connected, lifecycle.shutdown()));
    Ok(lifecycle.run().await?)
}

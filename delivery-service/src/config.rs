//! The settings of this program. `--help` is the reference.

use crate::handler::{search::SearchOptions, sweep::SweepOptions};
use clap::{Parser, builder::NonEmptyStringValueParser};
use messaging::{connection::BrokerOptions, relay::RelayOptions};
use reqwest::Url;
use rest::{auth::service_token::TokenOptions, webhook::WebhookSecret};
use runtime::{config::http_url, telemetry::LogOptions};
use std::{net::SocketAddr, num::NonZeroU16};
use storage::DatabaseUrl;

/// Consumes `order_completed` and creates one shipment for each order. Hands parcels to the carrier, receives
/// its webhooks, and publishes the statuses of deliveries.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// The address and port to listen on.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8089")]
    pub(crate) listen: SocketAddr,

    /// The PostgreSQL database, as `postgres://user:password@host:5432/deliveries`.
    #[arg(long, env = "DELIVERIES_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: DatabaseUrl,

    /// The largest number of connections to the database.
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value = "12", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) database_connections: u32,

    /// The settings of the broker.
    #[command(flatten)]
    pub(crate) broker: BrokerOptions,

    /// The settings of the relay.
    #[command(flatten)]
    pub(crate) relay: RelayOptions,

    /// The number of events to handle at the same time.
    #[arg(long, env = "PREFETCH", default_value = "64")]
    pub(crate) prefetch: NonZeroU16,

    /// The URL of order-service, which has the addresses of orders.
    #[arg(long, env = "ORDER_SERVICE_URL", default_value = "http://127.0.0.1:8083", value_parser = http_url)]
    pub(crate) order_service_url: Url,

    /// The settings of the token for order-service.
    #[command(flatten)]
    pub(crate) token: TokenOptions,

    /// The URL of user-service's public keys, which verify tokens.
    #[arg(long, env = "JWKS_URL", default_value = "http://127.0.0.1:8081/.well-known/jwks.json", value_parser = http_url)]
    pub(crate) jwks_url: Url,

    /// The `iss` of tokens.
    #[arg(long, env = "TOKEN_ISSUER", default_value = "orderflow")]
    pub(crate) token_issuer: String,

    /// The `aud` of tokens.
    #[arg(long, env = "TOKEN_AUDIENCE", default_value = "orderflow")]
    pub(crate) token_audience: String,

    /// The URL of the carrier's API.
    #[arg(long, env = "CARRIER_URL", default_value = "http://127.0.0.1:8095", value_parser = http_url)]
    pub(crate) carrier_url: Url,

    /// The carrier's secret API key.
    #[arg(long, env = "CARRIER_KEY", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) carrier_key: String,

    /// The secret with which the carrier signs its webhooks.
    #[arg(long, env = "CARRIER_WEBHOOK_SECRET", hide_env_values = true)]
    pub(crate) carrier_webhook_secret: WebhookSecret,

    /// The settings of the sweep.
    #[command(flatten)]
    pub(crate) sweep: SweepOptions,

    /// The settings of the search for orders without a shipment.
    #[command(flatten)]
    pub(crate) search: SearchOptions,

    /// The settings of the log.
    #[command(flatten)]
    pub(crate) log: LogOptions,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn flags_are_consistent() {
        Config::command().debug_assert();
    }
}

//! The settings of this program. `--help` is the reference.

use crate::handler::sweep::SweepOptions;
use clap::{Parser, builder::NonEmptyStringValueParser};
use messaging::connection::BrokerOptions;
use reqwest::Url;
use rest::auth::service_token::TokenOptions;
use runtime::{config::http_url, telemetry::LogOptions};
use std::{net::SocketAddr, num::NonZeroU16};
use storage::DatabaseUrl;

/// Consumes `order_reserved` and `order_refund_requested`, and charges and refunds orders at the payment
/// provider. Several workers can run at the same time. They share the ledger.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// The address and port to listen on.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8085")]
    pub(crate) listen: SocketAddr,

    /// The PostgreSQL database, as `postgres://user:password@host:5432/payments`.
    #[arg(long, env = "PAYMENTS_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: DatabaseUrl,

    /// The settings of the broker.
    #[command(flatten)]
    pub(crate) broker: BrokerOptions,

    /// The number of events to handle at the same time.
    #[arg(long, env = "PREFETCH", default_value = "128")]
    pub(crate) prefetch: NonZeroU16,

    /// The URL of order-service.
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

    /// The URL of the payment provider with Stripe's API: `https://api.stripe.com`, or a payment-simulator.
    #[arg(long, env = "PAYMENT_PROVIDER_URL", default_value = "http://127.0.0.1:8086", value_parser = http_url)]
    pub(crate) payment_provider_url: Url,

    /// The provider's secret API key, such as `sk_test_1`.
    #[arg(long, env = "PAYMENT_PROVIDER_KEY", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) payment_provider_key: String,

    /// The settings of the sweep.
    #[command(flatten)]
    pub(crate) sweep: SweepOptions,

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

//! The settings: flags or environment variables. `--help` is the reference.

use crate::handler::sweep::SweepOptions;
use clap::Parser;
use messaging::connection::BrokerOptions;
use reqwest::Url;
use rest::auth::service_token::TokenOptions;
use runtime::telemetry::LogOptions;
use std::{net::SocketAddr, num::NonZeroU16};

/// Consumes `order_reserved` and `order_refund_requested`, and charges and refunds orders at the payment
/// provider. Several workers can run at the same time. They share the ledger.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// The address to listen on, for requests of staff, health checks and metrics.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8085")]
    pub listen: SocketAddr,

    /// The PostgreSQL database of this worker, with the ledger.
    #[arg(long, env = "PAYMENTS_DATABASE_URL", hide_env_values = true)]
    pub database_url: String,

    /// The broker.
    #[command(flatten)]
    pub broker: BrokerOptions,

    /// The number of events to handle at the same time.
    #[arg(long, env = "PREFETCH", default_value = "128")]
    pub prefetch: NonZeroU16,

    /// The URL of order-service.
    #[arg(long, env = "ORDER_SERVICE_URL", default_value = "http://127.0.0.1:8083")]
    pub order_service_url: Url,

    /// The settings of the token for order-service.
    #[command(flatten)]
    pub token: TokenOptions,

    /// The URL of user-service's public keys, which verify the tokens of staff.
    #[arg(long, env = "JWKS_URL", default_value = "http://127.0.0.1:8081/.well-known/jwks.json")]
    pub jwks_url: Url,

    /// The required `iss` of tokens.
    #[arg(long, env = "TOKEN_ISSUER", default_value = "orderflow")]
    pub token_issuer: String,

    /// The required `aud` of tokens.
    #[arg(long, env = "TOKEN_AUDIENCE", default_value = "orderflow")]
    pub token_audience: String,

    /// The URL of the payment provider with Stripe's API: `https://api.stripe.com`, or a payment-simulator.
    #[arg(long, env = "PAYMENT_PROVIDER_URL", default_value = "http://127.0.0.1:8086")]
    pub payment_provider_url: Url,

    /// The provider's secret API key.
    #[arg(long, env = "PAYMENT_PROVIDER_KEY", hide_env_values = true)]
    pub payment_provider_key: String,

    /// The settings of the sweep.
    #[command(flatten)]
    pub sweep: SweepOptions,

    /// The log settings.
    #[command(flatten)]
    pub log: LogOptions,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn flags_and_variables_do_not_clash() {
        Config::command().debug_assert();
    }
}

//! Settings: flags or variables; `--help` is the reference.

use crate::handler::sweep::SweepOptions;
use clap::Parser;
use messaging::connection::BrokerOptions;
use reqwest::Url;
use rest::auth::service_token::TokenOptions;
use runtime::telemetry::LogOptions;
use std::{net::SocketAddr, num::NonZeroU16};

/// Consumes `order_reserved` and `order_refund_requested`, and charges and refunds at the payment
/// provider. Run as many as there is work for; they share the ledger.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// Where to answer staff and health checks, and to serve metrics.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8085")]
    pub listen: SocketAddr,

    /// The ledger: a PostgreSQL database of this worker's own.
    #[arg(long, env = "PAYMENTS_DATABASE_URL", hide_env_values = true)]
    pub database_url: String,

    /// The broker.
    #[command(flatten)]
    pub broker: BrokerOptions,

    /// How many events are handled at the same time.
    #[arg(long, env = "PREFETCH", default_value = "128")]
    pub prefetch: NonZeroU16,

    /// order-service.
    #[arg(long, env = "ORDER_SERVICE_URL", default_value = "http://127.0.0.1:8083")]
    pub order_service_url: Url,

    /// The token for it.
    #[command(flatten)]
    pub token: TokenOptions,

    /// user-service's public keys, to verify the tokens of staff with.
    #[arg(long, env = "JWKS_URL", default_value = "http://127.0.0.1:8081/.well-known/jwks.json")]
    pub jwks_url: Url,

    /// The `iss` that tokens must have.
    #[arg(long, env = "TOKEN_ISSUER", default_value = "orderflow")]
    pub token_issuer: String,

    /// The `aud` that tokens must have.
    #[arg(long, env = "TOKEN_AUDIENCE", default_value = "orderflow")]
    pub token_audience: String,

    /// The payment provider, which speaks Stripe's API: `https://api.stripe.com`, or a
    /// payment-simulator.
    #[arg(long, env = "PAYMENT_PROVIDER_URL", default_value = "http://127.0.0.1:8086")]
    pub payment_provider_url: Url,

    /// The provider's secret API key.
    #[arg(long, env = "PAYMENT_PROVIDER_KEY", hide_env_values = true)]
    pub payment_provider_key: String,

    /// The sweep.
    #[command(flatten)]
    pub sweep: SweepOptions,

    /// How to log.
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

//! Settings: flags or variables; `--help` is the reference.

use clap::Parser;
use messaging::connection::BrokerOptions;
use reqwest::Url;
use rest::auth::service_token::TokenOptions;
use runtime::telemetry::LogOptions;
use std::{net::SocketAddr, num::NonZeroU16};

/// Consumes `order_created`, `order_paid`, `order_cancelled` and `order_refunded`, and moves stock in
/// catalog-service accordingly. It keeps nothing; run as many as there is work for.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// Where to answer health checks and serve metrics.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8084")]
    pub listen: SocketAddr,

    /// The broker.
    #[command(flatten)]
    pub broker: BrokerOptions,

    /// How many events are handled at the same time.
    #[arg(long, env = "PREFETCH", default_value = "128")]
    pub prefetch: NonZeroU16,

    /// catalog-service.
    #[arg(long, env = "CATALOG_SERVICE_URL", default_value = "http://127.0.0.1:8082")]
    pub catalog_service_url: Url,

    /// order-service.
    #[arg(long, env = "ORDER_SERVICE_URL", default_value = "http://127.0.0.1:8083")]
    pub order_service_url: Url,

    /// The token for both.
    #[command(flatten)]
    pub token: TokenOptions,

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

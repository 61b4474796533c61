//! The settings of this program. `--help` is the reference.

use clap::Parser;
use messaging::connection::BrokerOptions;
use reqwest::Url;
use rest::auth::service_token::TokenOptions;
use runtime::{config::http_url, telemetry::LogOptions};
use std::{net::SocketAddr, num::NonZeroU16};

/// Consumes `order_created`, `order_rejected`, `order_paid`, `order_cancelled` and `order_refunded`, and updates
/// the stock in catalog-service and the use of promotions in discount-service. The worker stores nothing, so any
/// number of replicas can run.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// The address and port to listen on.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8084")]
    pub(crate) listen: SocketAddr,

    /// The settings of the broker.
    #[command(flatten)]
    pub(crate) broker: BrokerOptions,

    /// The number of events that are handled concurrently.
    #[arg(long, env = "PREFETCH", default_value = "128")]
    pub(crate) prefetch: NonZeroU16,

    /// The URL of catalog-service.
    #[arg(long, env = "CATALOG_SERVICE_URL", default_value = "http://127.0.0.1:8082", value_parser = http_url)]
    pub(crate) catalog_service_url: Url,

    /// The URL of discount-service.
    #[arg(long, env = "DISCOUNT_SERVICE_URL", default_value = "http://127.0.0.1:8088", value_parser = http_url)]
    pub(crate) discount_service_url: Url,

    /// The URL of order-service.
    #[arg(long, env = "ORDER_SERVICE_URL", default_value = "http://127.0.0.1:8083", value_parser = http_url)]
    pub(crate) order_service_url: Url,

    /// The settings of the token for these services.
    #[command(flatten)]
    pub(crate) token: TokenOptions,

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

//! The settings of this program. `--help` is the reference.

use crate::{domain::limits::Limits, timers::Patience};
use clap::Parser;
use messaging::{connection::BrokerOptions, relay::RelayOptions};
use reqwest::Url;
use runtime::{config::http_url, telemetry::LogOptions};
use std::{net::SocketAddr, num::NonZeroU32};
use storage::DatabaseUrl;

/// Accepts orders, keeps their status, publishes their events, and pushes the events to the owners.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// The address and port to listen on.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8083")]
    pub(crate) listen: SocketAddr,

    /// The PostgreSQL database, as `postgres://user:password@host:5432/orders`.
    #[arg(long, env = "ORDERS_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: DatabaseUrl,

    /// The largest number of connections to PostgreSQL.
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value = "16", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) database_connections: u32,

    /// The settings of the broker.
    #[command(flatten)]
    pub(crate) broker: BrokerOptions,

    /// The URL of user-service's public keys, which verify tokens.
    #[arg(long, env = "JWKS_URL", default_value = "http://127.0.0.1:8081/.well-known/jwks.json", value_parser = http_url)]
    pub(crate) jwks_url: Url,

    /// The `iss` of tokens.
    #[arg(long, env = "TOKEN_ISSUER", default_value = "orderflow")]
    pub(crate) token_issuer: String,

    /// The `aud` of tokens.
    #[arg(long, env = "TOKEN_AUDIENCE", default_value = "orderflow")]
    pub(crate) token_audience: String,

    /// The number of orders that one user may place per minute.
    #[arg(long, env = "ORDERS_PER_MINUTE", default_value = "600")]
    pub(crate) orders_per_minute: NonZeroU32,

    /// The number of waiting orders from which new orders are refused with 503. An order waits until a worker has
    /// handled it.
    #[arg(long, env = "MAX_WAITING_ORDERS", default_value = "1000000")]
    pub(crate) max_waiting_orders: NonZeroU32,
    #[command(flatten)]
    pub(crate) limits: Limits,

    #[command(flatten)]
    pub(crate) relay: RelayOptions,

    #[command(flatten)]
    pub(crate) patience: Patience,

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

//! The settings of this program. `--help` is the reference.

use clap::Parser;
use messaging::connection::BrokerOptions;
use reqwest::Url;
use runtime::{config::http_url, telemetry::LogOptions};
use std::net::SocketAddr;
use storage::DatabaseUrl;

/// The queues and the parked messages of Orderflow, for staff.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// The address and port to listen on.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8087")]
    pub(crate) listen: SocketAddr,

    /// The PostgreSQL database, as `postgres://user:password@host:5432/operations`.
    #[arg(long, env = "OPERATIONS_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: DatabaseUrl,

    /// The settings of the broker.
    #[command(flatten)]
    pub(crate) broker: BrokerOptions,

    /// RabbitMQ's management API, as `http://user:password@host:15672`. The default is port 15672 of each node in
    /// `AMQP_URL`, with its user and password. The user needs the tag `management`.
    #[arg(long, env = "AMQP_MANAGEMENT_URL", hide_env_values = true, value_parser = http_url)]
    pub(crate) amqp_management_url: Option<Url>,

    /// The URL of user-service's public keys, which verify tokens.
    #[arg(long, env = "JWKS_URL", default_value = "http://127.0.0.1:8081/.well-known/jwks.json", value_parser = http_url)]
    pub(crate) jwks_url: Url,

    /// The `iss` of tokens.
    #[arg(long, env = "TOKEN_ISSUER", default_value = "orderflow")]
    pub(crate) token_issuer: String,

    /// The `aud` of tokens.
    #[arg(long, env = "TOKEN_AUDIENCE", default_value = "orderflow")]
    pub(crate) token_audience: String,

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

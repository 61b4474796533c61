//! Every setting of this service.

use clap::Parser;
use messaging::connection::BrokerOptions;
use reqwest::Url;
use runtime::telemetry::LogOptions;
use std::net::SocketAddr;

/// Orderflow's broker, for staff: its queues and the parked messages. Several replicas can run at the same time.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// Where to listen.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8087")]
    pub(crate) listen: SocketAddr,
    /// The PostgreSQL database of this service, with the parked messages.
    #[arg(long, env = "OPERATIONS_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: String,
    #[command(flatten)]
    pub(crate) broker: BrokerOptions,
    /// RabbitMQ's management API, where it is not on port 15672 of the same hosts. User and password are
    /// those of `AMQP_URL` unless it has its own; the user needs the tag `management`.
    #[arg(long, env = "AMQP_MANAGEMENT_URL", hide_env_values = true)]
    pub(crate) amqp_management_url: Option<Url>,
    /// user-service's public keys, to verify tokens with.
    #[arg(long, env = "JWKS_URL", default_value = "http://127.0.0.1:8081/.well-known/jwks.json")]
    pub(crate) jwks_url: Url,
    /// The expected `iss` of tokens.
    #[arg(long, env = "TOKEN_ISSUER", default_value = "orderflow")]
    pub(crate) token_issuer: String,
    /// The expected `aud` of tokens.
    #[arg(long, env = "TOKEN_AUDIENCE", default_value = "orderflow")]
    pub(crate) token_audience: String,
    #[command(flatten)]
    pub(crate) log: LogOptions,
}

//! The settings of this service.

use clap::Parser;
use messaging::connection::BrokerOptions;
use reqwest::Url;
use runtime::telemetry::LogOptions;
use std::net::SocketAddr;

/// The queues and the parked messages of Orderflow's broker, for staff.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// The address and port to listen on.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8087")]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) broker: BrokerOptions,
    /// The URL of RabbitMQ's management API, if it is not on port 15672 of the broker's hosts. Without a user
    /// and a password, those of `AMQP_URL` apply. The user needs the tag `management`.
    #[arg(long, env = "AMQP_MANAGEMENT_URL", hide_env_values = true)]
    pub(crate) amqp_management_url: Option<Url>,
    /// The URL of user-service's public keys, which verify tokens.
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

//! The settings of this program. `--help` is the reference.

use clap::Parser;
use contract::money::Currency;
use reqwest::Url;
use runtime::{
    config::{http_url, shop_currency},
    telemetry::LogOptions,
};
use std::net::SocketAddr;
use storage::DatabaseUrl;

/// The discounts of Orderflow: promotions, codes, prices and claims.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// The address and port to listen on.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8088")]
    pub(crate) listen: SocketAddr,

    /// The PostgreSQL database, as `postgres://user:password@host:5432/discounts`.
    #[arg(long, env = "DISCOUNTS_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: DatabaseUrl,

    /// The largest number of connections to the database.
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value = "16", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) database_connections: u32,

    /// The address of catalog-service, which has the list prices.
    #[arg(long, env = "CATALOG_SERVICE_URL", default_value = "http://127.0.0.1:8082", value_parser = http_url)]
    pub(crate) catalog_service_url: Url,

    /// The URL of user-service's public keys, which verify tokens.
    #[arg(long, env = "JWKS_URL", default_value = "http://127.0.0.1:8081/.well-known/jwks.json", value_parser = http_url)]
    pub(crate) jwks_url: Url,

    /// The `iss` of tokens.
    #[arg(long, env = "TOKEN_ISSUER", default_value = "orderflow")]
    pub(crate) token_issuer: String,

    /// The `aud` of tokens.
    #[arg(long, env = "TOKEN_AUDIENCE", default_value = "orderflow")]
    pub(crate) token_audience: String,

    /// The currency of all amounts (ISO 4217). It is the currency of catalog-service.
    #[arg(long, env = "SHOP_CURRENCY", default_value = "EUR", value_parser = shop_currency)]
    pub(crate) shop_currency: Currency,

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

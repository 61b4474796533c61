//! Every setting of this service.

use clap::Parser;
use contract::money::Currency;
use reqwest::Url;
use runtime::telemetry::LogOptions;
use std::net::SocketAddr;

/// Orderflow's catalogue: products, stock and reservations.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// Where to listen.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8082")]
    pub(crate) listen: SocketAddr,
    /// The database, `postgres://user:password@host:port/catalog`.
    #[arg(long, env = "CATALOG_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: String,
    /// Most connections to the database at a time.
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value = "16", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) database_connections: u32,
    /// user-service's public keys, to verify tokens with.
    #[arg(long, env = "JWKS_URL", default_value = "http://127.0.0.1:8081/.well-known/jwks.json")]
    pub(crate) jwks_url: Url,
    /// The `iss` that tokens must have.
    #[arg(long, env = "TOKEN_ISSUER", default_value = "orderflow")]
    pub(crate) token_issuer: String,
    /// The `aud` that tokens must have.
    #[arg(long, env = "TOKEN_AUDIENCE", default_value = "orderflow")]
    pub(crate) token_audience: String,
    /// The currency of every price (ISO 4217): an order has one total, so a shop has one currency.
    #[arg(long, env = "SHOP_CURRENCY", default_value = "EUR", value_parser = assigned_currency)]
    pub(crate) shop_currency: Currency,
    #[command(flatten)]
    pub(crate) log: LogOptions,
}

/// A currency with a minor unit, so that prices in it can be written.
fn assigned_currency(code: &str) -> Result<Currency, String> {
    let currency: Currency = code.parse().map_err(|error| format!("{error}"))?;
    match currency.assigned_digits() {
        Some(_) => Ok(currency),
        None => Err(format!(
            "{code} is not a currency of ISO 4217 that prices can be in; expected a code such as EUR"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_has_an_assigned_currency() {
        for code in ["EUR", "HUF", "KWD"] {
            assert_eq!(assigned_currency(code).unwrap().as_str(), code);
        }
        for code in ["", "eur", "XYZ", "XXX", "SLL", "DEM"] {
            assert!(assigned_currency(code).is_err(), "{code}");
        }
    }
}

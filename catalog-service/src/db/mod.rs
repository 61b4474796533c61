//! The SQL of this service.

#[cfg(test)]
pub(crate) mod audit;
pub(crate) mod products;
pub(crate) mod reservations;
pub(crate) mod search;

use contract::money::Money;
use sqlx::migrate::Migrator;

/// The schema, embedded in the binary.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!();

fn money(amount_minor: i64, currency: &str) -> Result<Money, sqlx::Error> {
    let currency = currency.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Ok(Money { amount_minor, currency })
}

//! The tables of this service. All SQL is in this folder.

pub(crate) mod addresses;
mod announcements;
pub(crate) mod creations;
pub(crate) mod deliveries;
pub(crate) mod reports;
pub(crate) mod searches;
pub(crate) mod sweep;
#[cfg(test)]
pub(crate) mod testing;

use sqlx::migrate::Migrator;
use storage::outbox::Tables;

/// The schema, embedded in the binary.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!();
/// The tables of events.
pub(crate) const TABLES: Tables = Tables { events: "delivery_events", subject: "order_id" };

/// The error for a value that this service never writes.
fn corrupt(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

fn json(value: &impl serde::Serialize) -> Result<serde_json::Value, sqlx::Error> {
    serde_json::to_value(value).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

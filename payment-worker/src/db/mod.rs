//! The worker's tables. SQL is here and nowhere else.

pub(crate) mod ledger;

use sqlx::migrate::Migrator;

/// The schema, embedded in the binary.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!();

//! The SQL of this service.

pub(crate) mod claims;
pub(crate) mod promotions;

use sqlx::migrate::Migrator;

/// The schema, embedded in the binary.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!();

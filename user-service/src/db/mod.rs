//! The SQL of this service.

pub(crate) mod sessions;
pub(crate) mod users;

use sqlx::migrate::Migrator;

/// The schema, built into the binary.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!();

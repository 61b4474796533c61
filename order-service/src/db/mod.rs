//! All SQL of this service.

pub(crate) mod events;
pub(crate) mod idempotency;
pub(crate) mod orders;
pub(crate) mod outbox;

/// The schema, brought up to date at start.
pub(crate) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// A value that the schema rules out: somebody wrote to the table by hand.
fn corrupt(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

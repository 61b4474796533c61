//! PostgreSQL: the pool, migrations, group commits, the outbox and clean-up. Used by every program that owns a database.

mod errors;
pub mod group_commit;
mod migrate;
pub mod outbox;
mod pool;
pub mod prune;
#[cfg(test)]
mod testing;
mod turn;
mod url;

pub use errors::is_temporary;
pub use migrate::migrate;
pub use pool::{connect_to, ping, pool};
pub use url::{DatabaseUrl, InvalidUrl};

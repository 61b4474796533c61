//! Errors of PostgreSQL, and which of them are temporary.

use std::io;

pub(crate) const READ_ONLY: &str = "PostgreSQL is read-only";
pub(crate) fn silent() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "PostgreSQL is silent"))
}

pub(crate) fn read_only() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::ReadOnlyFilesystem, READ_ONLY))
}

/// Whether an error means that PostgreSQL cannot be reached or used now. Any other error means that the
/// statement is wrong.
#[must_use]
pub fn is_temporary(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // SQLSTATE classes and codes (PostgreSQL manual, appendix A):
        //
        // - 08: the connection failed.
        // - 53: out of resources.
        // - 57: an operator intervened, or `statement_timeout` ended the statement.
        // - 40: the transaction was rolled back and can be retried.
        // - 3D000: the database does not exist yet.
        // - 25006: the server is read-only, for example after a failover.
        // - 25P03: this session was idle in a transaction for too long.
        // - 55P03: another session holds the lock.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            let temporary = ["08", "53", "57", "40", "3D000", "25006", "25P03", "55P03"];
            temporary.iter().any(|class| code.starts_with(class))
        }),
        _ => false,
    }
}

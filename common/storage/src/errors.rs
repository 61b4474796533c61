//! Errors of PostgreSQL, and which of them are temporary.

use std::io;

pub(crate) const READ_ONLY: &str = "PostgreSQL is read-only";
pub(crate) fn silent() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "PostgreSQL is silent"))
}

pub(crate) fn read_only() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::ReadOnlyFilesystem, READ_ONLY))
}

/// Whether an error says that PostgreSQL cannot be reached or used now, rather than that what was
/// asked is wrong.
#[must_use]
pub fn is_temporary(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // Classes of SQLSTATE (PostgreSQL manual, appendix A): 08 connection, 53 out of resources,
        // 57 operator's intervention, and `statement_timeout`; 3D000 the database is not there yet, 40 try again,
        // 25006 the server is read-only (after a failover), 25P03 we were silent for too long, 55P03 another session
        // has the lock.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            let passing = ["08", "53", "57", "40", "3D000", "25006", "25P03", "55P03"];
            passing.iter().any(|class| code.starts_with(class))
        }),
        _ => false,
    }
}

//! A service's way to its database. Used by the services and workers that own one.

pub mod group_commit;

use crate::{backoff, http::health::Gate};
use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{io, str::FromStr, time::Duration};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How long a request waits for a connection before it answers 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// Connections that are opened at start, with more patience than a request has. A pool whose
/// connections are all opened by requests may never get one on a busy machine: each request gives up
/// before its connection stands, drops it, and the next one begins anew.
const KEPT_OPEN: u32 = 4;
/// How long PostgreSQL may take to say that it is there. A readiness check has a limit of its own that
/// is longer, but does not know what it was that did not answer.
const PING_TIMEOUT: Duration = Duration::from_secs(1);
/// PostgreSQL ends a transaction whose client has not said anything for this long. A process that
/// vanished without a word, or is frozen, would keep its rows locked for hours.
const SILENT_TRANSACTION: (&str, &str) = ("idle_in_transaction_session_timeout", "10s");
/// A table is not read as a whole, however few rows PostgreSQL believes it to have: it believes so of one that was
/// empty a moment ago, and keeps to a plan that it has made. Without code that is compiled for a query: what costs
/// so much is not asked here.
const BY_INDEX: [(&str, &str); 2] = [("enable_seqscan", "off"), ("jit", "off")];
/// A connection that was used this short a time ago is taken to stand.
const FRESH: Duration = Duration::from_millis(500);
/// How long a migration waits for those who use the tables, or for another replica that migrates: all that
/// comes after it waits behind it.
const LOCK_TIMEOUT: (&str, &str) = ("lock_timeout", "5s");
/// How long all migrations may take together; large tables take minutes.
const MIGRATION_LIMIT: Duration = Duration::from_mins(10);

/// A pool that connects when it is first used, so that a process starts and says what it waits for
/// while PostgreSQL is down.
pub fn pool(url: &str, application_name: &str, max_connections: u32) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?
        .application_name(application_name)
        .options([SILENT_TRANSACTION])
        .options(BY_INDEX);
    Ok(PgPoolOptions::new()
        .max_connections(max_connections)
        .min_connections(max_connections.min(KEPT_OPEN))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // The pool's own tests have no limit: where packets vanish without a word, each request that gave
        // up would leave a connection to be tested for ever, until the pool had none left.
        .test_before_acquire(false)
        .before_acquire(|connection, been| {
            let fresh = been.idle_for < FRESH;
            Box::pin(async move { if fresh { Ok(true) } else { answers(connection).await } })
        })
        .after_release(|connection, _| Box::pin(answers(connection)))
        .connect_lazy_with(options))
}

/// An error where it does not: the pool then drops the connection without a word to its other end.
async fn answers(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    timeout(PING_TIMEOUT, connection.ping()).await.unwrap_or_else(|_| Err(silent())).map(|()| true)
}

fn silent() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "PostgreSQL is silent"))
}

/// Brings the schema up to date, waiting for PostgreSQL as long as it takes; then opens the gate.
///
/// Returns early when the process is to end. An error is one that waiting cannot mend, such as a
/// migration that was changed after it had been applied.
pub async fn migrate(
    pool: &PgPool,
    migrations: &Migrator,
    gate: &Gate,
    shutdown: &CancellationToken,
) -> Result<(), MigrateError> {
    let mut delays = backoff::reconnecting();
    let mut said = false;
    loop {
        match attempt(pool, migrations).await {
            Ok(()) => break,
            Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _))
                if passes(&error) =>
            {
                if !said {
                    tracing::warn!(%error, "waiting for PostgreSQL");
                    said = true;
                }
            }
            Err(error) => return Err(error),
        }
        let delay = delays.next().unwrap_or(Duration::from_secs(5));
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = shutdown.cancelled() => return Ok(()),
        }
    }
    gate.open();
    tracing::info!("database is ready");
    Ok(())
}

/// One try, on a connection of its own that ends with it. sqlx locks out other migrators for the length of
/// the session, and after an error does not let them in again: with a connection of the pool that would be
/// for as long as the process lives.
async fn attempt(pool: &PgPool, migrations: &Migrator) -> Result<(), MigrateError> {
    let options = PgConnectOptions::clone(&pool.connect_options()).options([LOCK_TIMEOUT]);
    let connecting = timeout(ACQUIRE_TIMEOUT, PgConnection::connect_with(&options)).await;
    let mut connection = connecting.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
    let silent = |_| Err(MigrateError::Execute(silent()));
    // Not `run`: with a connection, the compiler does not find its future fit for `tokio::spawn`.
    let migrating = migrations.run_direct(None, &mut connection, false);
    timeout(MIGRATION_LIMIT, migrating).await.unwrap_or_else(silent)?;
    // It goes either way; this one says good-bye.
    drop(timeout(PING_TIMEOUT, connection.close()).await);
    Ok(())
}

/// Whether an error says that PostgreSQL cannot be reached or used now, rather than that what was
/// asked is wrong.
#[must_use]
pub fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // Classes of SQLSTATE (PostgreSQL manual, appendix A): 08 connection, 53 out of resources,
        // 57 operator's intervention; 3D000 the database is not there yet, 40 try again, 25P03 we were
        // silent for too long, 55P03 somebody else has the lock.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            ["08", "53", "57", "40", "3D000", "25P03", "55P03"].iter().any(|class| code.starts_with(class))
        }),
        _ => false,
    }
}

/// Whether PostgreSQL answers; for the readiness check.
pub async fn ping(pool: &PgPool) -> Result<(), String> {
    let asked = async { pool.acquire().await?.ping().await };
    match timeout(PING_TIMEOUT, asked).await {
        Ok(answered) => answered.map_err(|error| format!("PostgreSQL does not answer: {error}")),
        Err(_) => Err(format!("PostgreSQL does not answer within {PING_TIMEOUT:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::health::Health;
    use sqlx::{
        SqlSafeStr,
        migrate::{Migration, MigrationType},
    };

    async fn migrated(pool: &PgPool, sql: &'static str) -> Result<(), MigrateError> {
        let migration = Migration::new(1, "test".into(), MigrationType::Simple, sql.into_sql_str(), false);
        let gate = Health::default().gate("schema", "closed");
        migrate(pool, &Migrator::with_migrations(vec![migration]), &gate, &CancellationToken::new()).await
    }

    /// A replica's own: the test's pool soon ends connections that are idle.
    fn replica(pool: &PgPool) -> PgPool {
        PgPoolOptions::new().connect_lazy_with(PgConnectOptions::clone(&pool.connect_options()))
    }

    #[sqlx::test]
    async fn a_migration_that_fails_locks_nobody_out(pool: PgPool) {
        let (first, second) = (replica(&pool), replica(&pool));
        migrated(&first, "select 1 / 0").await.unwrap_err();
        let migrating = timeout(Duration::from_secs(20), migrated(&second, "select 1")).await;
        migrating.expect("somebody keeps the migrators' lock").unwrap();
    }
}

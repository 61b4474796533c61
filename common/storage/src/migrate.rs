//! Applies migrations. Waits for PostgreSQL, and accepts the schema of a later release.

use crate::{
    errors::{is_temporary, silent},
    pool::{PING_TIMEOUT, connect, set},
    turn,
};
use runtime::{backoff, health::Gate, outage::Outage};
use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::{Migrate as _, MigrateError, Migrator},
};
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// The time limit for all migrations together. Large tables take minutes. A wait for a lock ends earlier,
/// because other statements queue behind it.
const MIGRATION_LIMIT: Duration = Duration::from_mins(10);
const MIGRATION_SETTINGS: &str = "SET statement_timeout = '10min'";

/// Waits for PostgreSQL, brings the schema up to date, and opens the gate.
///
/// Returns early at shutdown. Returns an error only if a retry cannot succeed. For example, a migration was
/// changed after it was applied.
pub async fn migrate(
    pool: &PgPool,
    migrations: &Migrator,
    gate: &Gate,
    shutdown: &CancellationToken,
) -> Result<(), MigrateError> {
    let mut delays = backoff::reconnecting();
    let mut outage = Outage::default();
    loop {
        match attempt(pool, migrations).await {
            Ok(()) => break,
            Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _))
                if is_temporary(&error) =>
            {
                let reason = error.to_string();
                if outage.has_new_reason(&reason) {
                    tracing::warn!(error = reason, "waiting for PostgreSQL");
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

/// One attempt, on a connection of its own. When a migration fails, sqlx keeps its lock until the session
/// ends. A connection of the pool would keep the lock as long as the process lives.
async fn attempt(pool: &PgPool, migrations: &Migrator) -> Result<(), MigrateError> {
    let mut connection = connect(pool).await?;
    set(&mut connection, MIGRATION_SETTINGS).await?;
    turn::wait(&mut connection).await?;
    turn::drop_unfinished_indexes(&mut connection).await?;
    let silent = |_| Err(MigrateError::Execute(silent()));
    timeout(MIGRATION_LIMIT, bring_up_to_date(migrations, &mut connection)).await.unwrap_or_else(silent)?;
    // The connection ends in any case. This closes it cleanly.
    drop(timeout(PING_TIMEOUT, connection.close()).await);
    Ok(())
}

/// Applies the migrations that are not applied yet. A later release may have applied later ones. Migrations
/// only add, so this program works with the later schema during an upgrade and after a rollback.
async fn bring_up_to_date(migrations: &Migrator, connection: &mut PgConnection) -> Result<(), MigrateError> {
    let mut own = Migrator::with_migrations(migrations.iter().cloned().collect());
    own.set_ignore_missing(true);
    // `run` with a connection returns a future that `tokio::spawn` does not accept.
    own.run_direct(None, connection, false).await?;
    let applied = connection.list_applied_migrations(&own.table_name).await?;
    let latest = own.iter().map(|migration| migration.version).max().unwrap_or_default();
    match applied.iter().map(|migration| migration.version).find(|version| !own.version_exists(*version)) {
        // An unknown migration that is not of a later release. The database has another history.
        Some(unknown) if unknown < latest => Err(MigrateError::VersionMissing(unknown)),
        Some(unknown) => {
            tracing::info!(unknown, latest, "the schema is from a later release; its migrations only add");
            Ok(())
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{migrated, replica};
    use sqlx::{
        SqlSafeStr as _,
        migrate::{Migration, MigrationType},
    };

    /// A migration that runs outside of a transaction.
    fn without_transaction(sql: &'static str) -> Migrator {
        let migration = Migration::new(1, "test".into(), MigrationType::Simple, sql.into_sql_str(), true);
        Migrator::with_migrations(vec![migration])
    }

    #[sqlx::test]
    async fn replicas_that_build_an_index_at_the_same_time_do_not_deadlock(pool: PgPool) {
        sqlx::query("create table numbers (number int)").execute(&pool).await.unwrap();
        let (first, second) = (replica(&pool), replica(&pool));
        let index = without_transaction("create index concurrently by_number on numbers (number)");
        let (first, second) = tokio::join!(attempt(&first, &index), attempt(&second, &index));
        first.unwrap();
        second.unwrap();
    }

    #[sqlx::test]
    async fn an_unfinished_index_is_built_again(pool: PgPool) {
        sqlx::query("create table numbers (number int)").execute(&pool).await.unwrap();
        sqlx::query("insert into numbers values (1), (1)").execute(&pool).await.unwrap();
        let db = replica(&pool);
        let index = without_transaction("create unique index concurrently numbers_once on numbers (number)");
        attempt(&db, &index).await.unwrap_err();
        sqlx::query("truncate numbers").execute(&pool).await.unwrap();
        attempt(&db, &index).await.unwrap();
        let valid = "select indisvalid from pg_index where indexrelid = 'numbers_once'::regclass";
        assert!(sqlx::query_scalar::<_, bool>(valid).fetch_one(&pool).await.unwrap());
    }

    #[sqlx::test]
    async fn a_failed_migration_keeps_no_lock(pool: PgPool) {
        let (first, second) = (replica(&pool), replica(&pool));
        migrated(&first, &[(1, "select 1 / 0")]).await.unwrap_err();
        let migrating = timeout(Duration::from_secs(20), migrated(&second, &[(1, "select 1")])).await;
        migrating.expect("the migrators' lock is still held").unwrap();
    }

    #[sqlx::test]
    async fn an_older_program_starts_on_the_schema_of_a_later_release(pool: PgPool) {
        let (first, second) = ((1, "create table a ()"), (2, "create table b ()"));
        migrated(&pool, &[first, second]).await.unwrap();
        migrated(&pool, &[first]).await.unwrap();
        migrated(&pool, &[first, second, (3, "create table c ()")]).await.unwrap();
    }

    #[sqlx::test]
    async fn a_schema_of_another_history_is_refused(pool: PgPool) {
        let (first, second, third) = ((1, "select 1"), (2, "select 2"), (3, "select 3"));
        migrated(&pool, &[first, second, third]).await.unwrap();
        let error = migrated(&pool, &[first, third]).await.unwrap_err();
        assert!(matches!(error, MigrateError::VersionMissing(2)), "{error}");
        let error = migrated(&pool, &[(1, "select 4")]).await.unwrap_err();
        assert!(matches!(error, MigrateError::VersionMismatch(1)), "{error}");
    }
}

//! Migrating one after the other, so that a migration can build an index while other programs write
//! (`create index concurrently`).

use crate::errors::silent;
use sqlx::{AssertSqlSafe, PgConnection};
use std::{io, time::Duration};
use tokio::time::{sleep, timeout};

/// The key of the advisory lock. No other lock of the database has this number.
const KEY: i64 = 0x006f_7264_6572_666c;
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// How long to wait for another replica, until the caller looks whether its process is to end.
const LIMIT: Duration = Duration::from_secs(5);

/// Waits until no other replica migrates this database. The turn ends with the connection.
///
/// sqlx has a lock of its own, for which a replica waits within a statement. An index that is built concurrently waits
/// until all earlier statements have ended, that one too: a deadlock. So replicas ask for a turn again and again instead.
pub(super) async fn wait(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    let waiting = async {
        while !sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(KEY).fetch_one(&mut *db).await? {
            sleep(POLL_INTERVAL).await;
        }
        Ok(())
    };
    timeout(LIMIT, waiting).await.unwrap_or_else(|_| {
        Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "another replica migrates the database")))
    })
}

/// Drops the indexes that a migration has begun to build and has not finished. PostgreSQL keeps such an index, never uses
/// it, and refuses to build another one of its name. To be called in turn.
pub(super) async fn drop_unfinished_indexes(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    let unfinished: Vec<String> = sqlx::query_scalar(
        "select indexrelid::regclass::text from pg_index join pg_class on pg_class.oid = indexrelid \
         where not indisvalid and relnamespace = current_schema()::regnamespace",
    )
    .fetch_all(&mut *db)
    .await?;
    for index in unfinished {
        tracing::warn!(index, "dropping an index that was not finished");
        let drop = sqlx::raw_sql(AssertSqlSafe(format!("drop index concurrently {index}")));
        timeout(LIMIT, drop.execute(&mut *db)).await.unwrap_or_else(|_| Err(silent()))?;
    }
    Ok(())
}

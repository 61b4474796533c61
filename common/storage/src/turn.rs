//! Makes replicas migrate one after the other. So a migration can build an index while other programs write
//! (`create index concurrently`).

use crate::errors::silent;
use sqlx::{AssertSqlSafe, PgConnection};
use std::{io, time::Duration};
use tokio::time::{sleep, timeout};

/// The key of the advisory lock. No other advisory lock of the database has this key.
const KEY: i64 = 0x006f_7264_6572_666c;
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// The time limit for one wait. Between two waits, the caller checks whether its process shuts down.
const WAIT_LIMIT: Duration = Duration::from_secs(5);

/// Waits until no other replica migrates this database. The turn ends with the connection.
///
/// sqlx has its own lock, but a replica waits for this lock within a statement. PostgreSQL builds an index
/// concurrently only after all earlier statements have ended. So the two replicas would wait for each other.
/// Replicas therefore poll for their turn.
pub(super) async fn wait(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    let waiting = async {
        while !sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(KEY).fetch_one(&mut *db).await? {
            sleep(POLL_INTERVAL).await;
        }
        Ok(())
    };
    timeout(WAIT_LIMIT, waiting).await.unwrap_or_else(|_| {
        Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "another replica migrates the database")))
    })
}

/// Drops the indexes that a migration began to build and did not finish. PostgreSQL keeps such an index,
/// never uses it, and refuses to build another one with its name. The caller must have the turn.
pub(super) async fn drop_unfinished_indexes(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    let unfinished: Vec<String> = sqlx::query_scalar(
        "select indexrelid::regclass::text from pg_index join pg_class on pg_class.oid = indexrelid \
         where not indisvalid and relnamespace = current_schema()::regnamespace",
    )
    .fetch_all(&mut *db)
    .await?;
    for index in unfinished {
        tracing::warn!(index, "dropping an unfinished index");
        let drop = sqlx::raw_sql(AssertSqlSafe(format!("drop index concurrently {index}")));
        timeout(WAIT_LIMIT, drop.execute(&mut *db)).await.unwrap_or_else(|_| Err(silent()))?;
    }
    Ok(())
}

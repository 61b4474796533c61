//! The pool of connections, and the server that the pool uses.

use crate::{
    errors::{READ_ONLY, read_only, silent},
    url::{DatabaseUrl, InvalidUrl},
};
use futures_util::{FutureExt, future::select_ok};
use sqlx::{
    Connection, PgConnection, PgPool, Row as _,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;
use tokio::time::timeout;

/// How long a request waits for a connection before it answers 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// The number of connections that the pool opens at start and keeps open. If only requests opened
/// connections, the pool might never get one on a busy machine. Each request would give up and drop its
/// connection before it is ready.
const MIN_CONNECTIONS: u32 = 4;
/// How long PostgreSQL may take to answer a check. This is shorter than the limit of a readiness check, so
/// that the check can report this reason.
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(1);
/// Every connection has these settings. They are set after connecting, because pgbouncer drops start-up
/// options.
///
/// - PostgreSQL ends a statement, and a wait for a lock, before its caller gives up. Otherwise the statement
///   would continue after that.
/// - PostgreSQL ends a transaction whose client is silent. A process that vanished or is frozen would keep
///   its rows locked for hours.
/// - PostgreSQL uses indexes for small tables too. A plan that PostgreSQL made for an almost empty table
///   would be kept, and would scan the whole table after it has grown. No query here is large enough to gain
///   from compiled code (JIT).
const SETTINGS: &str = "SET statement_timeout = '7s'; SET lock_timeout = '5s'; \
                        SET idle_in_transaction_session_timeout = '10s'; \
                        SET enable_seqscan = off; SET jit = off";
/// A connection is checked before use if it was idle for this time or longer.
pub(crate) const RECHECK_AFTER: Duration = Duration::from_millis(500);
/// How often a program with several servers checks that its server still accepts writes.
const FOLLOW_INTERVAL: Duration = Duration::from_secs(1);

/// Returns a pool without waiting for its first connection. A process can therefore start while PostgreSQL is
/// down, and report this. The URL is a [`DatabaseUrl`]. Call this function inside a tokio runtime.
pub fn pool(url: &str, application_name: &str, max_connections: u32) -> Result<PgPool, InvalidUrl> {
    let mut servers = url.parse::<DatabaseUrl>()?.servers()?;
    for server in &mut servers {
        // pgbouncer refuses clients that set `extra_float_digits`, which PostgreSQL no longer needs.
        *server = server.clone().application_name(application_name).extra_float_digits(None);
    }
    let first = servers.first().cloned().unwrap_or_default();
    let pool = PgPoolOptions::new()
        .max_connections(max_connections)
        .min_connections(max_connections.min(MIN_CONNECTIONS))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(|connection, _| Box::pin(set(connection, SETTINGS)))
        // The pool's own test of a connection has no time limit. If packets vanish, such a test never ends,
        // even after its request has failed. The pool would lose its connections one by one.
        .test_before_acquire(false)
        .before_acquire(|connection, metadata| {
            let is_recent = metadata.idle_for < RECHECK_AFTER;
            Box::pin(async move { if is_recent { Ok(true) } else { accepts_writes(connection).await } })
        })
        .after_release(|connection, _| Box::pin(accepts_writes(connection)))
        .connect_lazy_with(first);
    if servers.len() > 1 {
        tokio::spawn(follow_writable_server(pool.clone(), servers));
    }
    Ok(pool)
}

/// A connection outside of the pool, to the server that the pool uses now.
pub(crate) async fn connect(pool: &PgPool) -> Result<PgConnection, sqlx::Error> {
    let options = pool.connect_options();
    let connecting = async {
        let mut connection = PgConnection::connect_with(&options).await?;
        set(&mut connection, SETTINGS).await?;
        Ok(connection)
    };
    timeout(ACQUIRE_TIMEOUT, connecting).await.unwrap_or_else(|_| Err(silent()))
}

pub(crate) async fn set(connection: &mut PgConnection, settings: &'static str) -> Result<(), sqlx::Error> {
    let setting = sqlx::raw_sql(settings).execute(connection);
    timeout(PING_TIMEOUT, setting).await.unwrap_or_else(|_| Err(silent())).map(drop)
}

/// Whether PostgreSQL answers and accepts writes. It refuses writes if the server was demoted, or if an
/// operator set `default_transaction_read_only`. The pool closes a connection that does not accept writes.
/// After an error the pool drops the connection without closing it cleanly.
pub(crate) async fn accepts_writes(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let asked = async {
        let row = sqlx::raw_sql("SHOW transaction_read_only").fetch_one(connection).await?;
        Ok(row.try_get::<&str, _>(0)? == "off")
    };
    timeout(PING_TIMEOUT, asked).await.unwrap_or_else(|_| Err(silent()))
}

/// Connects once, to the server that accepts writes. If the URL names one server only, connects to that
/// server even if it is read-only.
pub async fn connect_to(url: &DatabaseUrl) -> Result<PgConnection, sqlx::Error> {
    let servers = url.servers().map_err(|error| sqlx::Error::Configuration(error.into()))?;
    match servers.as_slice() {
        [only] => PgConnection::connect_with(only).await,
        several => Ok(first_writable(several).await?.0),
    }
}

/// Makes the pool connect to the server that accepts writes, until the pool is closed.
async fn follow_writable_server(pool: PgPool, servers: Vec<PgConnectOptions>) {
    while !pool.is_closed() {
        if ping(&pool).await.is_err()
            && let Ok((connection, server)) = first_writable(&servers).await
        {
            drop(connection.close().await);
            if !same_server(server, &pool.connect_options()) {
                tracing::info!(
                    host = server.get_host(),
                    port = server.get_port(),
                    "now using this PostgreSQL server"
                );
                pool.set_connect_options(server.clone());
            }
        }
        tokio::time::sleep(FOLLOW_INTERVAL).await;
    }
}

/// Finds a server that accepts writes. Asks all servers at the same time, so that a silent one does not
/// delay the others.
async fn first_writable(
    servers: &[PgConnectOptions],
) -> Result<(PgConnection, &PgConnectOptions), sqlx::Error> {
    let asked = servers.iter().map(async |server| {
        let asked = async {
            let mut connection = PgConnection::connect_with(server).await?;
            if accepts_writes(&mut connection).await? { Ok((connection, server)) } else { Err(read_only()) }
        };
        timeout(ACQUIRE_TIMEOUT, asked).await.unwrap_or_else(|_| Err(silent()))
    });
    Ok(select_ok(asked.map(FutureExt::boxed)).await?.0)
}

fn same_server(one: &PgConnectOptions, other: &PgConnectOptions) -> bool {
    (one.get_host(), one.get_port()) == (other.get_host(), other.get_port())
}

/// Whether PostgreSQL answers and accepts writes, for the readiness check.
///
/// All connections of the pool may be busy although PostgreSQL answers. A few clients can cause that, and must not make the
/// service unavailable for all others. A new connection decides in that case.
pub async fn ping(pool: &PgPool) -> Result<(), String> {
    let ask_pool = async { accepts_writes(&mut *pool.acquire().await?).await };
    let ask_directly = async { accepts_writes(&mut connect(pool).await?).await };
    let answer = match timeout(PING_TIMEOUT, ask_pool).await {
        Err(_) => timeout(PING_TIMEOUT, ask_directly).await,
        answer => answer,
    };
    match answer {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(READ_ONLY.to_owned()),
        Ok(Err(error)) => Err(format!("PostgreSQL does not answer: {error}")),
        Err(_) => Err(format!("PostgreSQL does not answer within {PING_TIMEOUT:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        errors::is_temporary,
        testing::{migrated, service, url},
    };
    use sqlx::Executor as _;

    async fn show(pool: &PgPool, setting: &'static str) -> String {
        let show = format!("SHOW {setting}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(show)).fetch_one(pool).await.unwrap()
    }

    #[sqlx::test]
    async fn every_connection_limits_its_statements_and_its_waits_for_locks(test: PgPool) {
        let pool = service(&test);
        assert_eq!(show(&pool, "statement_timeout").await, "7s");
        assert_eq!(show(&pool, "lock_timeout").await, "5s");
        assert_eq!(show(&pool, "idle_in_transaction_session_timeout").await, "10s");
        assert_eq!(show(&pool, "enable_seqscan").await, "off");
        let mut own = connect(&pool).await.unwrap();
        let timeout: String = sqlx::query_scalar("SHOW statement_timeout").fetch_one(&mut own).await.unwrap();
        assert_eq!(timeout, "7s");
    }

    /// Such sessions remain after a failover. They also remain after an operator sets and resets
    /// `default_transaction_read_only`, because each session keeps the value with which it began.
    #[sqlx::test]
    async fn a_read_only_session_is_replaced(test: PgPool) {
        // With one connection only, the next statement would get the same session.
        let pool = pool(&url(&test, str::to_owned), "test", 1).unwrap();
        sqlx::query("create table numbers (number int)").execute(&pool).await.unwrap();
        let mut connection = pool.acquire().await.unwrap();
        let read_only = sqlx::raw_sql("SET default_transaction_read_only = on");
        read_only.execute(&mut *connection).await.unwrap();
        let insert = || sqlx::query("insert into numbers values (1)");
        let refused = insert().execute(&mut *connection).await.unwrap_err();
        assert!(is_temporary(&refused), "{refused}");
        drop(connection);
        insert().execute(&pool).await.unwrap();
        ping(&pool).await.unwrap();
    }

    #[sqlx::test]
    async fn a_service_whose_connections_are_all_busy_is_ready(test: PgPool) {
        let pool = service(&test);
        let mut busy = Vec::new();
        for _ in 0..4 {
            busy.push(pool.acquire().await.unwrap());
        }
        ping(&pool).await.unwrap();
    }

    #[sqlx::test]
    async fn a_read_only_database_is_not_ready(test: PgPool) {
        let name = test.connect_options().get_database().unwrap().to_owned();
        let set = |value| {
            let sql = format!(r#"ALTER DATABASE "{name}" SET default_transaction_read_only = {value}"#);
            sqlx::AssertSqlSafe(sql)
        };
        test.execute(set("on")).await.unwrap();
        let pool = service(&test);
        assert_eq!(ping(&pool).await, Err("PostgreSQL is read-only".to_owned()));
        test.execute(set("off")).await.unwrap();
        ping(&pool).await.unwrap();
    }

    #[sqlx::test]
    async fn the_next_server_is_used_when_the_first_is_gone(test: PgPool) {
        let pool = pool(&url(&test, |address| format!("127.0.0.1:1,{address}")), "test", 4).unwrap();
        let answered = async {
            while ping(&pool).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_secs(30), answered).await.expect("the second server is not used");
        migrated(&pool, &[(1, "select 1")]).await.unwrap();
    }

    #[sqlx::test]
    async fn a_read_only_server_is_skipped(test: PgPool) {
        let writable = PgConnectOptions::clone(&test.connect_options());
        let standby = writable.clone().options([("default_transaction_read_only", "on")]);
        let (mut connection, _) = first_writable(&[standby, writable]).await.unwrap();
        connection.execute("create table numbers (number int)").await.unwrap();
    }
}

//! Databases, created and dropped with a superuser's connection.

use anyhow::{Context as _, Result};
use reqwest::Url;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// A connection. Connecting is a large future: it is boxed here, for all who wait for it.
pub(crate) async fn connect(url: &Url) -> Result<PgConnection> {
    Box::pin(PgConnection::connect(url.as_str())).await.context("connect to PostgreSQL")
}

/// Creates a database unless it is there. The name is one of our own making: letters, digits and `_`.
pub(crate) async fn create(connection: &mut PgConnection, name: &str) -> Result<()> {
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
    }
    Ok(())
}

/// Drops a database, whoever is connected to it. The name is one of our own making.
pub(crate) async fn drop(connection: &mut PgConnection, name: &str) -> Result<()> {
    connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await?;
    Ok(())
}

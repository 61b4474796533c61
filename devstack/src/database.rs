//! Databases and their owners, created and dropped with a connection that may do so.

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use storage::{DatabaseUrl, connect_to};

/// From this version on a database may have another locale provider than its cluster.
const LOCALE_PROVIDERS: u32 = 15_00_00;

/// Tables of a database that was made before it had an owner of its own. Their indexes and sequences follow.
const HAND_OVER: &str = "
    DO $$ DECLARE item record; BEGIN
        FOR item IN SELECT oid::regclass AS name FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        LOOP EXECUTE format('ALTER TABLE %s OWNER TO OWNER_NAME', item.name); END LOOP;
    END $$";

/// A connection. Connecting is a large future: it is boxed here, for all who wait for it.
pub(crate) async fn connect(url: &DatabaseUrl) -> Result<PgConnection> {
    Box::pin(connect_to(url)).await.context("connect to PostgreSQL")
}

/// Creates a database unless it is there. The name is one of our own making: letters, digits and `_`.
///
/// Its encoding and its order of texts are the same on every cluster.
pub(crate) async fn create(connection: &mut PgConnection, name: &str) -> Result<()> {
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        let provider = match connection.server_version_num() {
            Some(LOCALE_PROVIDERS..) => "LOCALE_PROVIDER libc",
            _ => "",
        };
        let create =
            format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {provider} LOCALE 'C'");
        connection.execute(AssertSqlSafe(create)).await?;
    }
    Ok(())
}

/// Whether this connection's user may create users, so that each database can have an owner of its own.
pub(crate) async fn creates_users(connection: &mut PgConnection) -> Result<bool> {
    let query = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user";
    Ok(sqlx::query_scalar(query).fetch_one(connection).await?)
}

/// Gives a database to a user of the same name, who has no other rights, and lets no other user in. `url` leads to the
/// database, with the rights of the user who created it. The password consists of letters and digits.
pub(crate) async fn give_to_owner(url: &DatabaseUrl, name: &str, password: &str) -> Result<()> {
    let mut connection = connect(url).await?;
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(name)
        .fetch_one(&mut connection)
        .await?;
    let verb = if exists { "ALTER" } else { "CREATE" };
    let statements = [
        format!(
            "{verb} ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD '{password}'"
        ),
        // Only a member may make it the owner, unless a superuser does.
        format!("GRANT {name} TO CURRENT_USER"),
        format!("ALTER DATABASE {name} OWNER TO {name}"),
        format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC"),
        HAND_OVER.replace("OWNER_NAME", name),
    ];
    for statement in statements {
        connection.execute(AssertSqlSafe(statement)).await?;
    }
    Ok(connection.close().await?)
}

/// Drops a database, whoever is connected to it, and its owner. The name is one of our own making.
pub(crate) async fn drop(connection: &mut PgConnection, name: &str) -> Result<()> {
    connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await?;
    connection.execute(AssertSqlSafe(format!("DROP ROLE IF EXISTS {name}"))).await?;
    Ok(())
}

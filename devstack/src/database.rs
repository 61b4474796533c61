//! Creates and drops databases and their owners.

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use storage::{DatabaseUrl, connect_to};

/// From this version on, a database may have a different locale provider than its cluster.
const LOCALE_PROVIDERS: u32 = 15_00_00;

/// Changes the owner of existing tables, for databases from before they had their own owners. Indexes and
/// sequences follow their tables.
const CHANGE_OWNER: &str = "
    DO $$ DECLARE item record; BEGIN
        FOR item IN SELECT oid::regclass AS name FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        LOOP EXECUTE format('ALTER TABLE %s OWNER TO OWNER_NAME', item.name); END LOOP;
    END $$";

/// Connects to a database. The large future is boxed here once, for all callers.
pub(crate) async fn connect(url: &DatabaseUrl) -> Result<PgConnection> {
    Box::pin(connect_to(url)).await.context("connect to PostgreSQL")
}

/// Creates a database if it is missing. The name is trusted and consists of letters, digits and `_`.
///
/// The encoding and the collation are the same on every cluster.
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

/// Returns whether this connection's user may create users. Without this right, databases have no separate
/// owners.
pub(crate) async fn creates_users(connection: &mut PgConnection) -> Result<bool> {
    let query = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user";
    Ok(sqlx::query_scalar(query).fetch_one(connection).await?)
}

/// Makes a user of the same name the owner of a database. This user has no other rights, and no other user
/// may connect.
///
/// `url` is the URL of the database for the user who created it. The password consists of letters and digits.
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
        // Only a superuser or a member of the role may make the role the owner.
        format!("GRANT {name} TO CURRENT_USER"),
        format!("ALTER DATABASE {name} OWNER TO {name}"),
        format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC"),
        CHANGE_OWNER.replace("OWNER_NAME", name),
    ];
    for statement in statements {
        connection.execute(AssertSqlSafe(statement)).await?;
    }
    Ok(connection.close().await?)
}

/// Drops a database and its owner, and closes all connections to it. The name is trusted.
pub(crate) async fn drop(connection: &mut PgConnection, name: &str) -> Result<()> {
    connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await?;
    connection.execute(AssertSqlSafe(format!("DROP ROLE IF EXISTS {name}"))).await?;
    Ok(())
}

//! Accounts.

use crate::domain::{email::Email, username::Username};
use chrono::{DateTime, Utc};
use contract::{
    ids::UserId,
    users::{Role, User},
};
use sqlx::PgPool;
use uuid::Uuid;

/// An account to store.
pub(crate) struct NewUser<'a> {
    /// The user name, unique without regard to case.
    pub username: &'a Username,
    /// The e-mail address, unique without regard to case.
    pub email: &'a Email,
    /// The bcrypt hash of the password.
    pub password_hash: &'a str,
    /// The role, which grants permissions.
    pub role: Role,
}

/// An account with its password hash.
pub(crate) struct Account {
    /// The part that may leave the service.
    pub user: User,
    /// The bcrypt hash of the password.
    pub password_hash: String,
}

/// Why an account cannot be stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreUserError {
    /// Another account has the name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// Another account has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreUserError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().and_then(|error| error.constraint()) {
            Some("users_username_key" | "users_username_folded_key") => Self::UsernameTaken,
            Some("users_email_key" | "users_email_folded_key") => Self::EmailTaken,
            _ => Self::Database(error),
        }
    }
}

/// Stores a new account. `ON CONFLICT` avoids an error in PostgreSQL, whose log would contain the name or the
/// address.
pub(crate) async fn insert(pool: &PgPool, new: &NewUser<'_>) -> Result<User, StoreUserError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        INSERT INTO users (id, username, email, password_hash, role)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING
        RETURNING id, username, email, role AS "role: RoleColumn", created_at
        "#,
        UserId::new().uuid(),
        new.username.as_str(),
        new.email.as_str(),
        new.password_hash,
        RoleColumn::from(new.role) as RoleColumn,
    )
    .fetch_optional(pool)
    .await?;
    match row {
        Some(row) => Ok(row.into()),
        None if find_by_name(pool, new.username).await?.is_some() => Err(StoreUserError::UsernameTaken),
        None => Err(StoreUserError::EmailTaken),
    }
}

/// Stores an account, or overwrites the account of this name.
pub(crate) async fn upsert(pool: &PgPool, new: &NewUser<'_>) -> Result<User, StoreUserError> {
    match insert(pool, new).await {
        Err(StoreUserError::UsernameTaken) => overwrite(pool, new).await,
        stored => stored,
    }
}

/// Overwrites the account of this name, unless another account has the address.
async fn overwrite(pool: &PgPool, new: &NewUser<'_>) -> Result<User, StoreUserError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        UPDATE users SET email = $3, password_hash = $4, role = $5
        WHERE lower(username COLLATE "C") = $1 AND NOT EXISTS (
            SELECT FROM users AS other
            WHERE lower(other.email COLLATE "C") = $2 AND lower(other.username COLLATE "C") <> $1
        )
        RETURNING id, username, email, role AS "role: RoleColumn", created_at
        "#,
        new.username.folded(),
        new.email.folded(),
        new.email.as_str(),
        new.password_hash,
        RoleColumn::from(new.role) as RoleColumn,
    )
    .fetch_optional(pool)
    .await?;
    row.map(User::from).ok_or(StoreUserError::EmailTaken)
}

/// Replaces the hash of a password, unless it was changed meanwhile.
pub(crate) async fn renew_hash(pool: &PgPool, id: UserId, old: &str, new: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
        id.uuid(),
        old,
        new,
    )
    .execute(pool)
    .await
    .map(drop)
}

/// Finds the account with this name, without regard to case.
pub(crate) async fn find_by_name(pool: &PgPool, name: &Username) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        SELECT id, username, email, role AS "role: RoleColumn", created_at, password_hash
        FROM users WHERE lower(username COLLATE "C") = $1
        "#,
        name.folded(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Account {
        user: User {
            id: row.id.into(),
            username: row.username,
            email: row.email,
            role: row.role.into(),
            created_at: row.created_at,
        },
        password_hash: row.password_hash,
    }))
}

/// Finds the user with this id.
pub(crate) async fn find(pool: &PgPool, id: UserId) -> Result<Option<User>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, username, email, role AS "role: RoleColumn", created_at FROM users WHERE id = $1"#,
        id.uuid(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(User::from))
}

/// Finds the user with this name, without regard to case.
pub(crate) async fn find_by_username(pool: &PgPool, name: &Username) -> Result<Option<User>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, username, email, role AS "role: RoleColumn", created_at
           FROM users WHERE lower(username COLLATE "C") = $1"#,
        name.folded(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(User::from))
}

/// Finds the user with this address, without regard to case.
pub(crate) async fn find_by_email(pool: &PgPool, email: &Email) -> Result<Option<User>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, username, email, role AS "role: RoleColumn", created_at
           FROM users WHERE lower(email COLLATE "C") = $1"#,
        email.folded(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(User::from))
}

struct Row {
    id: Uuid,
    username: String,
    email: String,
    role: RoleColumn,
    created_at: DateTime<Utc>,
}

impl From<Row> for User {
    fn from(Row { id, username, email, role, created_at }: Row) -> Self {
        Self { id: id.into(), username, email, role: role.into(), created_at }
    }
}

/// A [`Role`] as the column stores it.
#[derive(Clone, Copy, Debug, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(super) enum RoleColumn {
    Customer,
    Staff,
}

impl From<Role> for RoleColumn {
    fn from(role: Role) -> Self {
        match role {
            Role::Customer => Self::Customer,
            Role::Staff => Self::Staff,
        }
    }
}

impl From<RoleColumn> for Role {
    fn from(role: RoleColumn) -> Self {
        match role {
            RoleColumn::Customer => Self::Customer,
            RoleColumn::Staff => Self::Staff,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::MIGRATIONS;
    use sqlx::{AssertSqlSafe, Executor as _, postgres::PgConnectOptions};

    async fn store(pool: &PgPool, username: &str, email: &str) -> Result<User, StoreUserError> {
        let (username, email) = (&username.parse().unwrap(), &email.parse().unwrap());
        insert(pool, &NewUser { username, email, password_hash: "", role: Role::Customer }).await
    }

    async fn folds_by_the_default_rules(pool: &PgPool) {
        let iris = store(pool, "IRIS", "IRIS@EXAMPLE.com").await.unwrap();
        let found = find_by_name(pool, &"iris".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(found.user, iris);
        let same_name = store(pool, "iris", "other@example.com").await;
        assert!(matches!(same_name, Err(StoreUserError::UsernameTaken)));
        let same_address = store(pool, "other", "iris@example.com").await;
        assert!(matches!(same_address, Err(StoreUserError::EmailTaken)));
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn names_and_addresses_are_unique_without_regard_to_case(pool: PgPool) {
        folds_by_the_default_rules(&pool).await;
    }

    /// In this locale, `lower()` turns an I into a dotless ı.
    #[sqlx::test]
    async fn names_and_addresses_are_unique_without_regard_to_case_in_a_turkish_database(pool: PgPool) {
        let options = pool.connect_options();
        let name = format!("turkish_{}", Uuid::now_v7().simple());
        let create = format!(
            r#"CREATE DATABASE "{name}" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'tr'"#
        );
        pool.execute(AssertSqlSafe(create)).await.unwrap();
        let turkish = PgPool::connect_with(PgConnectOptions::clone(&options).database(&name)).await.unwrap();
        let dotless: String = sqlx::query_scalar("SELECT lower('I')").fetch_one(&turkish).await.unwrap();
        assert_eq!(dotless, "ı");
        MIGRATIONS.run(&turkish).await.unwrap();
        folds_by_the_default_rules(&turkish).await;
        turkish.close().await;
        pool.execute(AssertSqlSafe(format!(r#"DROP DATABASE "{name}""#))).await.unwrap();
    }
}

//! Accounts.

use crate::domain::{email::Email, username::Username};
use chrono::{DateTime, Utc};
use common::contract::{
    ids::UserId,
    users::{Role, User},
};
use sqlx::PgPool;
use uuid::Uuid;

/// Somebody who is to have an account.
pub(crate) struct NewUser<'a> {
    /// Unique, whatever its case.
    pub username: &'a Username,
    /// Unique, whatever its case.
    pub email: &'a Email,
    /// bcrypt's.
    pub password_hash: &'a str,
    /// What they may do.
    pub role: Role,
}

/// An account with what its owner is recognised by.
pub(crate) struct Account {
    /// What others may see.
    pub user: User,
    /// bcrypt's.
    pub password_hash: String,
}

/// Why an account cannot be stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreUserError {
    /// Somebody else has the name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// Somebody else has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Anything else.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreUserError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().and_then(|error| error.constraint()) {
            Some("users_username_key") => Self::UsernameTaken,
            Some("users_email_key") => Self::EmailTaken,
            _ => Self::Database(error),
        }
    }
}

/// Stores a new account.
pub(crate) async fn insert(pool: &PgPool, new: &NewUser<'_>) -> Result<User, StoreUserError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        INSERT INTO users (id, username, email, password_hash, role)
        VALUES ($1, $2, $3, $4, $5)
        RETURNING id, username, email, role AS "role: RoleColumn", created_at
        "#,
        UserId::new().uuid(),
        new.username.as_str(),
        new.email.as_str(),
        new.password_hash,
        RoleColumn::from(new.role) as RoleColumn,
    )
    .fetch_one(pool)
    .await?;
    Ok(row.into())
}

/// Stores an account, or overwrites the one of this name.
pub(crate) async fn upsert(pool: &PgPool, new: &NewUser<'_>) -> Result<User, StoreUserError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        INSERT INTO users (id, username, email, password_hash, role)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (lower(username)) DO UPDATE
        SET email = excluded.email, password_hash = excluded.password_hash, role = excluded.role
        RETURNING id, username, email, role AS "role: RoleColumn", created_at
        "#,
        UserId::new().uuid(),
        new.username.as_str(),
        new.email.as_str(),
        new.password_hash,
        RoleColumn::from(new.role) as RoleColumn,
    )
    .fetch_one(pool)
    .await?;
    Ok(row.into())
}

/// The account of this name, whatever its case.
pub(crate) async fn find_by_name(pool: &PgPool, name: &Username) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        SELECT id, username, email, role AS "role: RoleColumn", created_at, password_hash
        FROM users WHERE lower(username) = lower($1)
        "#,
        name.as_str(),
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

/// The user of this id.
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

/// A [`Role`] as its column holds it.
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

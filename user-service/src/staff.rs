//! The first staff user, created from the settings. Without this user, the catalogue would remain empty.

use crate::{
    db::{
        sessions,
        users::{self, NewUser, StoreUserError},
    },
    domain::{email::Email, password::Password, username::Username},
    passwords::{PasswordError, Passwords},
};
use contract::users::Role;
use sqlx::PgPool;

/// The staff user of the settings.
pub(crate) struct StaffAccount {
    /// The user name.
    pub username: Username,
    /// The e-mail address.
    pub email: Email,
    /// The password.
    pub password: Password,
}

/// Why the account could not be created or updated.
#[derive(Debug, thiserror::Error)]
#[error("cannot create the staff user of STAFF_USERNAME, STAFF_EMAIL and STAFF_PASSWORD: {0}")]
pub(crate) enum EnsureStaffError {
    /// PostgreSQL failed.
    Database(#[from] sqlx::Error),
    /// Another account has the address.
    Store(#[from] StoreUserError),
    /// The password could not be hashed.
    Password(#[from] PasswordError),
}

impl EnsureStaffError {
    /// Returns whether a retry may succeed.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Database(error) | Self::Store(StoreUserError::Database(error)) => {
                storage::is_temporary(error)
            }
            Self::Password(error) => matches!(error, PasswordError::Busy),
            Self::Store(_) => false,
        }
    }
}

/// Creates the account, or updates the role, address and password of the account with that name.
/// If the password changes, the sessions of the account end.
pub(crate) async fn ensure(
    pool: &PgPool,
    passwords: &Passwords,
    staff: &StaffAccount,
) -> Result<(), EnsureStaffError> {
    let account = users::find_by_name(pool, &staff.username).await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let same_password = passwords.turn().await?.verify(vec![staff.password.clone()], hash).await?.is_some();
    if let Some(account) = &account
        && same_password
        && account.user.role == Role::Staff
        && account.user.email == staff.email.as_str()
    {
        return Ok(());
    }

    let password_hash = passwords.turn().await?.hash(staff.password.clone()).await?;
    let user = NewUser {
        username: &staff.username,
        email: &staff.email,
        password_hash: &password_hash,
        role: Role::Staff,
    };
    let user = users::upsert(pool, &user).await?;
    if !same_password {
        sessions::end_all_of(pool, user.id).await?;
    }
    tracing::info!(username = user.username, "staff user is up to date");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refresh_token::RefreshToken;
    use chrono::TimeDelta;

    fn staff(username: &str, email: &str, password: &str) -> StaffAccount {
        StaffAccount {
            username: username.parse().unwrap(),
            email: email.parse().unwrap(),
            password: password.parse().unwrap(),
        }
    }

    async fn logged_in(pool: &PgPool, name: &Username) -> RefreshToken {
        let account = users::find_by_name(pool, name).await.unwrap().unwrap();
        let token = RefreshToken::new();
        sessions::begin(pool, account.user.id, &token, TimeDelta::hours(1)).await.unwrap();
        token
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_second_start_changes_nothing(pool: PgPool) {
        let passwords = Passwords::new(4);
        let root = staff("root", "root@example.com", "first password");
        ensure(&pool, &passwords, &root).await.unwrap();
        let before = users::find_by_name(&pool, &root.username).await.unwrap().unwrap();
        let session = logged_in(&pool, &root.username).await.session();

        ensure(&pool, &passwords, &root).await.unwrap();
        let after = users::find_by_name(&pool, &root.username).await.unwrap().unwrap();
        assert_eq!(after.user, before.user);
        assert_eq!(after.password_hash, before.password_hash);
        assert!(sessions::end(&pool, session).await.unwrap(), "the session still exists");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_new_password_ends_the_sessions_of_the_old_one(pool: PgPool) {
        let passwords = Passwords::new(4);
        ensure(&pool, &passwords, &staff("root", "root@example.com", "first password")).await.unwrap();
        let root = staff("Root", "ops@example.com", "second password");
        let session = logged_in(&pool, &root.username).await.session();

        ensure(&pool, &passwords, &root).await.unwrap();
        let account = users::find_by_name(&pool, &root.username).await.unwrap().unwrap();
        assert_eq!((account.user.role, account.user.email.as_str()), (Role::Staff, "ops@example.com"));
        let turn = passwords.turn().await.unwrap();
        assert!(turn.verify(vec![root.password], Some(account.password_hash)).await.unwrap().is_some());
        assert!(!sessions::end(&pool, session).await.unwrap(), "the session has ended");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn an_address_of_another_account_is_a_permanent_error(pool: PgPool) {
        let passwords = Passwords::new(4);
        ensure(&pool, &passwords, &staff("root", "root@example.com", "first password")).await.unwrap();
        let error = ensure(&pool, &passwords, &staff("boss", "ROOT@example.com", "first password"))
            .await
            .unwrap_err();
        assert!(matches!(error, EnsureStaffError::Store(StoreUserError::EmailTaken)));
        assert!(!error.is_temporary());
    }
}

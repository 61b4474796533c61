//! The first staff user, who comes from the settings: somebody must be able to fill the catalogue.

use crate::{
    db::{
        sessions,
        users::{self, NewUser},
    },
    domain::{email::Email, password::Password, username::Username},
    passwords::Passwords,
};
use common::{contract::users::Role, lifecycle::BoxError};
use sqlx::PgPool;

/// Who they are to be.
pub(crate) struct StaffAccount {
    /// Their name.
    pub username: Username,
    /// Their address.
    pub email: Email,
    /// Their password.
    pub password: Password,
}

/// Makes the account, or brings the one of that name up to date: its role, address and password.
/// When the password is another one than before, the account's sessions end.
pub(crate) async fn ensure(
    pool: &PgPool,
    passwords: &Passwords,
    staff: &StaffAccount,
) -> Result<(), BoxError> {
    let account = users::find_by_name(pool, &staff.username).await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let same_password = passwords.verify(staff.password.clone(), hash).await?;
    if let Some(account) = &account
        && same_password
        && account.user.role == Role::Staff
        && account.user.email == staff.email.as_str()
    {
        return Ok(());
    }

    let password_hash = passwords.hash(staff.password.clone()).await?;
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

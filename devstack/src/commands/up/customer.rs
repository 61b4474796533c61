//! A customer whom `./dev up` registers, so that people can try the shop without signing up.

use anyhow::{Context as _, Result};
use contract::users::{Login, Registration};

use crate::stack::{Credentials, Stack};

/// Registers the customer if necessary. Returns `None` if another account has the name. That happens if the
/// databases are older than the data folder with the password.
pub(super) async fn ready(stack: &Stack) -> Result<Option<Credentials>> {
    let customer = stack.customer();
    let Credentials { username, password } = customer.clone();
    let client = stack.client(1)?;
    let email = format!("{username}@example.com");
    let registration = Registration { email, username: username.clone(), password: password.clone() };
    match client.register(&registration).await {
        Ok(_) => Ok(Some(customer)),
        Err(error) if error.problem().is_none() => Err(error).context("register the customer"),
        Err(_) => Ok(client.login(&Login { username, password }).await.is_ok().then_some(customer)),
    }
}

//! A customer who is there from the start, so that nobody has to sign up to try the shop.

use anyhow::{Context as _, Result};
use contract::users::{Login, Registration};

use crate::stack::{Credentials, Stack};

/// Sees to it that the customer can log in. `None` where somebody else has the name: databases of one's own can be
/// older than the data folder with the password.
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

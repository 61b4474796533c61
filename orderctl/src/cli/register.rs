//! `orderctl register`

use super::{context::Context, failure::Failure, password::Password};
use clap::Args;
use contract::users::{Registration, User};

#[derive(Args)]
pub(crate) struct Register {
    /// 3 to 32 letters, digits, `.`, `_` or `-`.
    username: String,
    /// Your e-mail address.
    email: String,
    #[command(flatten)]
    password: Password,
}

impl Register {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let Self { username, email, password } = self;
        let registration = Registration { username, email, password: password.choose()? };
        let user = context.client.register(&registration).await?;
        let text = |user: &User| {
            let name = &user.username;
            format!("Registered {name}. Log in with `orderctl login {name}`.")
        };
        Ok(context.output.result(&user, text)?)
    }
}

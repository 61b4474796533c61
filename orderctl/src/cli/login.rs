//! `orderctl login`

use super::{context::Context, failure::Failure, password::Password};
use clap::Args;
use contract::users::{self, User};
use orderctl::{Error, Saved};

#[derive(Args)]
pub(crate) struct Login {
    /// Your user name.
    username: String,
    #[command(flatten)]
    password: Password,
}

impl Login {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let login = users::Login { username: self.username, password: self.password.get()? };
        let session = context.client.login(&login).await?;
        let user = session.me().await?;
        let saved = Saved {
            username: user.username.clone(),
            users: context.users().to_owned(),
            tokens: session.tokens().await?,
        };
        context.session_file.save(&saved).await.map_err(Error::from)?;
        let path = context.session_file.path().display();
        let text = |user: &User| format!("Logged in as {}. The session is stored in {path}.", user.username);
        Ok(context.output.result(&user, text)?)
    }
}

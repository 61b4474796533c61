//! A password: from a flag, a variable, or the terminal.

use super::failure::Failure;
use clap::Args;

/// How to give a password.
#[derive(Args)]
pub(crate) struct Password {
    /// The password. Others on this machine can see flags: better set the variable, or leave it out
    /// to be asked.
    #[arg(long, env = "ORDERFLOW_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

impl Password {
    /// The password of an account that there is.
    pub(crate) fn get(self) -> Result<String, Failure> {
        self.password.map_or_else(|| ask("Password: "), Ok)
    }

    /// A new password: what is typed unseen is typed twice.
    pub(crate) fn choose(self) -> Result<String, Failure> {
        let Some(password) = self.password else {
            let password = ask("Password: ")?;
            if ask("The same again: ")? != password {
                return Err(Failure::Usage("the two passwords differ".to_owned()));
            }
            return Ok(password);
        };
        Ok(password)
    }
}

fn ask(prompt: &str) -> Result<String, Failure> {
    rpassword::prompt_password(prompt).map_err(|error| {
        Failure::Usage(format!(
            "cannot ask for the password ({error}); give --password or set ORDERFLOW_PASSWORD"
        ))
    })
}

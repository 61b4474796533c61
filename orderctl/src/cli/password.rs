//! Reads a password from a flag, a variable or the terminal.

use super::failure::Failure;
use clap::Args;

/// The flag for a password.
#[derive(Args)]
pub(crate) struct Password {
    /// The password. Other users of this machine can see flags, so set the variable instead, or type
    /// the password when asked.
    #[arg(long, env = "ORDERFLOW_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

impl Password {
    /// The password of an existing account.
    pub(crate) fn get(self) -> Result<String, Failure> {
        self.password.map_or_else(|| ask("Password: "), Ok)
    }

    /// A new password. The user types it twice, because the terminal does not show it.
    pub(crate) fn choose(self) -> Result<String, Failure> {
        let Some(password) = self.password else {
            let password = ask("Password: ")?;
            if ask("Repeat the password: ")? != password {
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
            "cannot ask for the password ({error}); set ORDERFLOW_PASSWORD or use --password"
        ))
    })
}

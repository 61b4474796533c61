//! `orderctl`, run as a user of the shop runs it.

use crate::{
    program::{Ended, Program, ended},
    shop::Shop,
};
use orderctl::{Saved, Session, SessionFile};
use std::process::Stdio;
use tokio::{io::AsyncWriteExt, process::Command};

/// Runs `orderctl` with the session of one user.
pub struct CommandLine {
    variables: Vec<(&'static str, String)>,
}

impl Shop {
    /// The command line of this user. It connects to the gateway.
    pub async fn command_line(&self, username: &str, session: &Session) -> CommandLine {
        let gateway = self.stack().gateway_url().expect("a gateway");
        let file = SessionFile::at(self.stack().folder().path(&format!("{username}.json")));
        let saved = Saved {
            username: username.to_owned(),
            users: format!("{gateway}/api"),
            tokens: session.tokens().await.expect("tokens"),
        };
        file.save(&saved).await.expect("write the session");
        let nowhere = "http://127.0.0.1:9".to_owned();
        let session = file.path().display().to_string();
        let variables = vec![
            ("ORDERFLOW_URL", gateway),
            ("ORDERFLOW_SESSION", session),
            // `orderctl` must not use a proxy for the shop, because the shop is on this machine.
            ("HTTP_PROXY", nowhere.clone()),
            ("ALL_PROXY", nowhere),
        ];
        CommandLine { variables }
    }
}

impl CommandLine {
    /// Runs a command without a terminal and waits for its end.
    pub async fn runs(&self, arguments: &[&str]) -> Ended {
        let variables: Vec<_> = self.variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Program::named("orderctl").with(&variables).arguments(arguments).ends().await
    }

    /// Runs a command on a terminal of this kind (`TERM`) and waits for its end. `typed` is the input. The
    /// standard output has everything that the terminal shows.
    pub async fn runs_on_a_terminal(&self, kind: &str, arguments: &[&str], typed: &str) -> Ended {
        let orderctl = devstack::instance::program("orderctl").expect("a built program");
        let command = format!("'{}' {}", orderctl.display(), arguments.join(" "));
        let mut terminal = Command::new("script")
            .args(["--quiet", "--return", "--command", &command, "/dev/null"])
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("TERM", kind)
            .envs(self.variables.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("start `script` of util-linux");
        let mut keyboard = terminal.stdin.take().expect("a pipe");
        keyboard.write_all(typed.as_bytes()).await.expect("type");
        drop(keyboard);
        ended(terminal.wait_with_output()).await
    }
}

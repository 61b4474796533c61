//! A private PostgreSQL server: its own data, on a free loopback port, run as a child.

mod installation;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use nix::sys::signal::Signal;
use sqlx::{Connection as _, Executor as _};
use storage::DatabaseUrl;

use crate::database;
use crate::instance::Folder;
use crate::ports;
use crate::process::{Ending, Process};
use crate::slot::Slot;
use installation::Installation;

const USER: &str = "orderflow";
const START_DEADLINE: Duration = Duration::from_mins(1);
const STOP_GRACE: Duration = Duration::from_secs(15);

/// SIGINT is the fast shutdown, SIGQUIT the immediate one (recovers at the next start); SIGTERM would wait for every
/// client to leave. <https://www.postgresql.org/docs/current/server-shutdown.html>
const ENDING: Ending = Ending { gentle: Signal::SIGINT, prompt: Signal::SIGQUIT };

/// A PostgreSQL server of our own.
#[derive(Debug)]
pub struct Postgres {
    installation: Installation,
    folder: Folder,
    /// Holds `data`; the only folder that the server's user owns.
    home: PathBuf,
    port: u16,
    password: String,
    /// Variables that it is started with, on top of this process' own.
    environment: Mutex<Vec<(String, String)>>,
    slot: Slot,
}

impl Postgres {
    /// Starts the server of this folder, after creating its data if there is none, and waits until it answers.
    pub(crate) async fn start_in(folder: &Folder, password: &str) -> Result<Self> {
        Self::start_with(folder, password, &[]).await
    }

    /// The same, with further options of `initdb` for data that is created.
    pub(crate) async fn start_with(folder: &Folder, password: &str, options: &[&str]) -> Result<Self> {
        let home = folder.path("postgres");
        let server = Self {
            installation: Installation::find(&home)?,
            folder: folder.clone(),
            home,
            port: ports::free()?,
            password: password.to_owned(),
            environment: Mutex::default(),
            slot: Slot::empty("PostgreSQL"),
        };
        server.initialise(options).await?;
        server.start().await?;
        server.keep_services_out().await?;
        Ok(server)
    }

    /// Starts the stopped or killed server on its old port, and waits until it answers.
    pub async fn start(&self) -> Result<()> {
        let port = format!("port={}", self.port);
        let settings = [
            "listen_addresses=127.0.0.1",
            &port,
            "unix_socket_directories=",
            "logging_collector=off",
            // Every replica of every test's stack has a pool of its own.
            "max_connections=500",
            // Without the details of errors, which repeat values of rows: names, addresses.
            "log_error_verbosity=terse",
        ];
        let mut command = self.command("postgres");
        command.args(settings.iter().flat_map(|setting| ["-c", setting]));
        command.envs(self.environment.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
        let log = self.folder.log("postgres");
        let process =
            self.slot.fill(|| Process::spawn(command, "PostgreSQL", &log, &self.folder.records(), ENDING))?;
        self.wait_until_it_answers(&process).await
    }

    /// Sets a variable for the server from its next start on.
    pub fn set_env(&self, name: &str, value: &str) {
        let mut environment = self.environment.lock().unwrap_or_else(PoisonError::into_inner);
        environment.push((name.to_owned(), value.to_owned()));
    }

    /// The process id of the server, which is the parent of all that it starts.
    pub fn pid(&self) -> Result<i32> {
        Ok(self.slot.process()?.pid())
    }

    /// Whether it runs: it ends by itself when it cannot write its log.
    pub fn is_running(&self) -> bool {
        self.slot.process().is_ok_and(|process| process.exit_status().is_none())
    }

    /// Stops the server in good order.
    pub async fn stop(&self) -> Result<()> {
        self.slot.stop(STOP_GRACE).await
    }

    /// Kills the server (SIGKILL); its own children notice and end.
    pub async fn kill(&self) {
        self.slot.kill().await;
    }

    /// Freezes the postmaster (SIGSTOP): new connections are not answered.
    pub fn pause(&self) -> Result<()> {
        self.slot.pause()
    }

    /// Lets a frozen server go on.
    pub fn resume(&self) -> Result<()> {
        self.slot.resume()
    }

    /// The URL of a superuser's connection to the database `postgres`.
    pub fn url(&self) -> Result<DatabaseUrl> {
        let url = format!("postgres://{USER}:{}@127.0.0.1:{}/postgres", self.password, self.port);
        url.parse().context("PostgreSQL URL")
    }

    /// PostgreSQL's major version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.installation.version
    }

    pub(crate) fn slot(&self) -> &Slot {
        &self.slot
    }

    async fn wait_until_it_answers(&self, process: &Process) -> Result<()> {
        let url = self.url()?;
        let answered = async {
            loop {
                process.check_running()?;
                if let Ok(connection) = database::connect(&url).await {
                    return Ok(connection.close().await?);
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        };
        tokio::time::timeout(START_DEADLINE, answered).await.context("PostgreSQL did not answer in time")?
    }

    /// Services may use their own databases only. These two let every user in by default.
    async fn keep_services_out(&self) -> Result<()> {
        let mut connection = database::connect(&self.url()?).await?;
        connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC").await?;
        Ok(connection.close().await?)
    }

    /// Creates the data folder under a passing name, so that an interrupted run leaves no half-made one.
    async fn initialise(&self, options: &[&str]) -> Result<()> {
        if self.home.join("data").exists() {
            return self.take_over();
        }
        let unfinished = self.home.join("unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).context("remove a half-made data folder")?;
        }
        fs::create_dir_all(&self.home).with_context(|| format!("create {}", self.home.display()))?;
        fs::set_permissions(&self.home, fs::Permissions::from_mode(0o700))?;
        let password_file = self.home.join("password");
        fs::write(&password_file, &self.password)?;
        fs::set_permissions(&password_file, fs::Permissions::from_mode(0o600))?;
        if let Some(user) = &self.installation.user {
            for path in [&self.home, &password_file] {
                chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
            }
        }
        let mut command = self.command("initdb");
        // It listens on loopback alone, and is made to be killed and connected to again all the time: the thousands of
        // hashes of SCRAM take a program that is not optimised 40 ms of a core for each connection.
        command.args(["--auth=password", "--encoding=UTF8", "--locale=C", "--username", USER]);
        command.args(options);
        let log = self.folder.log("initdb");
        let process = Process::spawn(command, "initdb", &log, &self.folder.records(), Ending::SERVICE)?;
        let status = process.exited().await;
        if !status.success() {
            bail!(process.post_mortem(status));
        }
        fs::remove_file(password_file)?;
        fs::rename(unfinished, self.home.join("data")).context("name the new data folder")
    }

    /// Gives its user the data that belongs to root since `cp -r` copied it.
    fn take_over(&self) -> Result<()> {
        if let Some(user) = &self.installation.user
            && fs::metadata(self.home.join("data"))?.uid() != user.uid.as_raw()
        {
            let owner = format!("{}:{}", user.uid, user.gid);
            let status = Command::new("chown").arg("-R").arg(owner).arg(&self.home).status()?;
            ensure!(status.success(), "cannot change the owner of {}", self.home.display());
        }
        Ok(())
    }

    /// One of PostgreSQL's programs, told where its data is and, as root, run as the user `postgres`.
    ///
    /// That user may not be able to enter the folders above the checkout. A shell that still is root therefore opens
    /// the home folder, and PostgreSQL reaches it through its file descriptor, whose links in /proc lead to the
    /// folder itself and pass no other. (Starting in the folder instead would not do: PostgreSQL 15 changes directory
    /// back and forth by full path to find its own program.)
    fn command(&self, program: &str) -> Command {
        const OPEN_HOME: &str = r#"exec 9<"$0" && exec "$@""#;
        let path = self.installation.programs.join(program);
        let (mut command, home) = match &self.installation.user {
            None => (Command::new(path), self.home.clone()),
            Some(user) => {
                let mut command = Command::new("sh");
                command.args(["-c", OPEN_HOME]).arg(&self.home).arg("setpriv");
                command.arg(format!("--reuid={}", user.uid)).arg(format!("--regid={}", user.gid));
                command.args(["--clear-groups", "--"]).arg(path);
                (command, PathBuf::from("/proc/self/fd/9"))
            }
        };
        command.current_dir("/");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name); // Another server's settings.
        }
        if program == "initdb" {
            command.arg("-D").arg(home.join("unfinished")).arg("--pwfile").arg(home.join("password"));
        } else {
            command.arg("-D").arg(home.join("data"));
        }
        command
    }
}

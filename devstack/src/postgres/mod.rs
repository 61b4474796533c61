//! A private PostgreSQL server with its own data. It runs as a child process on a free loopback port.

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

/// SIGINT requests a fast shutdown. SIGQUIT requests an immediate shutdown, after which the next start
/// recovers. SIGTERM would wait until all clients disconnect.
/// <https://www.postgresql.org/docs/current/server-shutdown.html>
const ENDING: Ending = Ending { gentle: Signal::SIGINT, prompt: Signal::SIGQUIT };

/// A private PostgreSQL server.
#[derive(Debug)]
pub struct Postgres {
    installation: Installation,
    folder: Folder,
    /// The folder that contains `data`. Only this folder belongs to the server's user.
    home: PathBuf,
    port: u16,
    password: String,
    /// Additional environment variables of the server.
    environment: Mutex<Vec<(String, String)>>,
    slot: Slot,
}

impl Postgres {
    /// Starts the server of this folder, and waits until it answers. Creates its data first if necessary.
    pub(crate) async fn start_in(folder: &Folder, password: &str) -> Result<Self> {
        Self::start_with(folder, password, &[]).await
    }

    /// Like [`Self::start_in`], with further options of `initdb` for new data.
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
            // Each replica of each test's stack has its own pool.
            "max_connections=500",
            // Omits the details of errors, which contain values of rows such as names and addresses.
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

    /// Sets a variable for the next starts of the server.
    pub fn set_env(&self, name: &str, value: &str) {
        let mut environment = self.environment.lock().unwrap_or_else(PoisonError::into_inner);
        environment.push((name.to_owned(), value.to_owned()));
    }

    /// The process id of the server, the parent of its other processes.
    pub fn pid(&self) -> Result<i32> {
        Ok(self.slot.process()?.pid())
    }

    /// Returns whether the server runs. It may end by itself, for example if it cannot write its log.
    pub fn is_running(&self) -> bool {
        self.slot.process().is_ok_and(|process| process.exit_status().is_none())
    }

    /// Shuts the server down.
    pub async fn stop(&self) -> Result<()> {
        self.slot.stop(STOP_GRACE).await
    }

    /// Kills the server (SIGKILL). Its child processes then end by themselves.
    pub async fn kill(&self) {
        self.slot.kill().await;
    }

    /// Freezes the postmaster (SIGSTOP). New connections get no answer.
    pub fn pause(&self) -> Result<()> {
        self.slot.pause()
    }

    /// Resumes a frozen server (SIGCONT).
    pub fn resume(&self) -> Result<()> {
        self.slot.resume()
    }

    /// The URL of the database `postgres` for a superuser.
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

    /// Revokes the services' access to the databases `postgres` and `template1`, which all users have by
    /// default. Services may use only their own databases.
    async fn keep_services_out(&self) -> Result<()> {
        let mut connection = database::connect(&self.url()?).await?;
        connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC").await?;
        Ok(connection.close().await?)
    }

    /// Creates the data folder under a temporary name, so that an interrupted run leaves no incomplete data
    /// folder.
    async fn initialise(&self, options: &[&str]) -> Result<()> {
        if self.home.join("data").exists() {
            return self.take_over();
        }
        let unfinished = self.home.join("unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).context("remove an incomplete data folder")?;
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
        // Plain passwords are good enough on loopback. Tests connect very often, and SCRAM's thousands of
        // hashes per connection are slow in an unoptimised program.
        command.args(["--auth=password", "--encoding=UTF8", "--locale=C", "--username", USER]);
        command.args(options);
        let log = self.folder.log("initdb");
        let process = Process::spawn(command, "initdb", &log, &self.folder.records(), Ending::SERVICE)?;
        let status = process.exited().await;
        if !status.success() {
            bail!(process.post_mortem(status));
        }
        fs::remove_file(password_file)?;
        fs::rename(unfinished, self.home.join("data")).context("rename the new data folder")
    }

    /// Makes the server's user the owner of the data. After a `cp -r` by root, the data belongs to root.
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

    /// Creates the command of a PostgreSQL program with its data folder. If this process is root, the program
    /// runs as the user `postgres`.
    ///
    /// This user may lack access to the folders above the checkout. So a shell opens the home folder as root,
    /// and PostgreSQL uses the file descriptor. Its link in /proc leads directly to the folder. Starting
    /// PostgreSQL in the folder does not work, because PostgreSQL 15 changes its directory by full path to
    /// find its own program.
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
            command.env_remove(name); // It configures another server.
        }
        if program == "initdb" {
            command.arg("-D").arg(home.join("unfinished")).arg("--pwfile").arg(home.join("password"));
        } else {
            command.arg("-D").arg(home.join("data"));
        }
        command
    }
}

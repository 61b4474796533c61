//! A private RabbitMQ broker with its management console: its own node, data and cookie, on free loopback ports.
//!
//! Everything is set by variables that RabbitMQ 3.10 and 4.x both know, and everything that Debian keeps in /etc and
//! /var is pointed elsewhere: <https://www.rabbitmq.com/docs/configure#supported-environment-variables>.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use nix::sys::signal::Signal;
use reqwest::Url;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::instance::Folder;
use crate::ports;
use crate::process::{Ending, Process};
use crate::slot::Slot;

const USER: &str = "orderflow";
const START_DEADLINE: Duration = Duration::from_mins(2);
const STOP_GRACE: Duration = Duration::from_secs(30);
/// `rabbitmqctl` starts an Erlang machine of its own.
const CONTROL_DEADLINE: Duration = Duration::from_mins(2);
/// What a client says first (AMQP 0-9-1, 4.2.2); a broker that is up answers with `connection.start`.
const PROTOCOL_HEADER: &[u8] = b"AMQP\x00\x00\x09\x01";

/// A RabbitMQ broker of our own.
#[derive(Debug)]
pub struct RabbitMq {
    programs: Programs,
    folder: Folder,
    home: PathBuf,
    password: String,
    ports: Ports,
    slot: Slot,
    /// Where Erlang nodes find each other. RabbitMQ would start one that outlives it; this one is ours.
    port_mapper: Slot,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    amqp: u16,
    management: u16,
    distribution: u16,
    port_mapper: u16,
}

impl RabbitMq {
    /// Starts the broker of this folder, and waits until it takes connections.
    pub(crate) async fn start_in(folder: &Folder, password: &str) -> Result<Self> {
        let broker = Self {
            programs: Programs::find()?,
            folder: folder.clone(),
            home: folder.path("rabbitmq"),
            password: password.to_owned(),
            ports: Ports {
                amqp: ports::free()?,
                management: ports::free()?,
                distribution: ports::free()?,
                port_mapper: ports::free()?,
            },
            slot: Slot::empty("RabbitMQ"),
            port_mapper: Slot::empty("Erlang port mapper"),
        };
        broker.write_configuration()?;
        broker.start_port_mapper()?;
        broker.start().await?;
        fs::write(broker.home.join("made"), "")?;
        Ok(broker)
    }

    /// Starts the stopped or killed broker on its old ports, and waits until it takes connections.
    pub async fn start(&self) -> Result<()> {
        let log = self.folder.log("rabbitmq");
        let process = self.slot.fill(|| {
            Process::spawn(self.command(), "RabbitMQ", &log, &self.folder.records(), Ending::SERVICE)
        })?;
        self.wait_until_it_answers(&process).await
    }

    /// Stops the broker in good order.
    pub async fn stop(&self) -> Result<()> {
        self.slot.stop(STOP_GRACE).await
    }

    /// Kills the broker (SIGKILL).
    pub async fn kill(&self) {
        self.slot.kill().await;
    }

    /// Freezes the broker (SIGSTOP): connections stay open and silent.
    pub fn pause(&self) -> Result<()> {
        self.slot.pause()
    }

    /// Lets a frozen broker go on.
    pub fn resume(&self) -> Result<()> {
        self.slot.resume()
    }

    /// Runs `rabbitmqctl` against the broker: for what the management API does not offer.
    pub async fn control(&self, arguments: &[&str]) -> Result<()> {
        // Beside the server, as that is: the one on the PATH changes the user.
        let program = self.programs.server.with_file_name("rabbitmqctl");
        let mut command = tokio::process::Command::from(self.command_of(&program));
        let output = command.args(arguments).stdin(Stdio::null()).kill_on_drop(true).output();
        let output = tokio::time::timeout(CONTROL_DEADLINE, output).await.context("rabbitmqctl hangs")??;
        ensure!(output.status.success(), "rabbitmqctl: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(())
    }

    /// The URL of the default virtual host.
    pub fn amqp_url(&self) -> Result<Url> {
        let url = format!("amqp://{USER}:{}@127.0.0.1:{}/%2f", self.password, self.ports.amqp);
        url.parse().context("AMQP URL")
    }

    /// The URL of the management console, without user and password.
    pub fn management_url(&self) -> Result<Url> {
        format!("http://127.0.0.1:{}", self.ports.management).parse().context("management URL")
    }

    /// The process id of the broker, which is the parent of all that it starts.
    pub fn pid(&self) -> Result<i32> {
        Ok(self.slot.process()?.pid())
    }

    pub(crate) fn slot(&self) -> &Slot {
        &self.slot
    }

    /// Ends the broker and what belongs to it.
    pub(crate) async fn shut_down(&self) -> Result<()> {
        let stopped = self.stop().await;
        self.port_mapper.kill().await;
        stopped
    }

    async fn wait_until_it_answers(&self, process: &Process) -> Result<()> {
        let answered = async {
            loop {
                process.check_running()?;
                // The management console listens before the broker takes AMQP connections.
                if speaks_amqp(self.ports.amqp).await.is_ok() {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let answered = tokio::time::timeout(START_DEADLINE, answered).await;
        answered.context("RabbitMQ did not take connections in time")?
    }

    fn write_configuration(&self) -> Result<()> {
        if self.home.exists() && !self.home.join("made").exists() {
            fs::remove_dir_all(&self.home).context("remove a half-made broker")?; // Its first start was interrupted.
        }
        fs::create_dir_all(self.home.join("home"))
            .with_context(|| format!("create {}", self.home.display()))?;
        let Ports { amqp, management, .. } = self.ports;
        let password = &self.password;
        let configuration = format!(
            "listeners.tcp.1 = 127.0.0.1:{amqp}\n\
             management.tcp.ip = 127.0.0.1\n\
             management.tcp.port = {management}\n\
             default_user = {USER}\n\
             default_pass = {password}\n\
             default_permissions.configure = .*\n\
             default_permissions.read = .*\n\
             default_permissions.write = .*\n\
             default_user_tags.administrator = true\n\
             log.console = true\n\
             log.file = false\n\
             log.console.use_colors = off\n\
             # Milliseconds. Queue depths in the console are as old as this.\n\
             collect_statistics_interval = 1000\n\
             # A laptop's disk is fuller than a server's.\n\
             disk_free_limit.absolute = 50MB\n"
        );
        fs::write(self.home.join("rabbitmq.conf"), configuration)?;
        // Milliseconds: quorum queues tell of their depth every five seconds by default.
        fs::write(self.home.join("advanced.config"), "[{rabbit, [{quorum_tick_interval, 1000}]}].\n")?;
        fs::write(self.home.join("environment"), "# Read in place of the one in /etc.\n")?;
        fs::write(self.home.join("enabled_plugins"), "[rabbitmq_management].\n")?;
        Ok(())
    }

    fn start_port_mapper(&self) -> Result<Arc<Process>> {
        let mut command = Command::new(&self.programs.port_mapper);
        command.args(["-address", "127.0.0.1", "-port", &self.ports.port_mapper.to_string()]);
        let log = self.folder.log("epmd");
        let records = self.folder.records();
        self.port_mapper
            .fill(|| Process::spawn(command, "Erlang port mapper", &log, &records, PORT_MAPPER_ENDING))
    }

    fn command(&self) -> Command {
        let mut command = self.command_of(&self.programs.server);
        command
            // Makes the script become the Erlang machine instead of a shell that waits for it: signals then reach the
            // broker, whose own handler of SIGTERM stops it in good order.
            .env("RABBITMQ_ALLOW_INPUT", "true")
            .env(
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                // Schedulers that wait do not spin meanwhile: others want the cores of this machine.
                // <https://www.rabbitmq.com/docs/runtime#busy-waiting>
                "-noinput -kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
            );
        command
    }

    /// A program of RabbitMQ's that knows this broker.
    fn command_of(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("RABBITMQ_"))
        {
            command.env_remove(name); // Another broker's settings.
        }
        let paths = [
            ("HOME", "home"), // The cookie is there.
            ("RABBITMQ_MNESIA_BASE", "data"),
            ("RABBITMQ_LOG_BASE", "logs"),
            ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
            ("RABBITMQ_CONFIG_FILES", "conf.d"),
            ("RABBITMQ_ADVANCED_CONFIG_FILE", "advanced.config"),
            ("RABBITMQ_CONF_ENV_FILE", "environment"),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", "enabled_plugins"),
            ("RABBITMQ_PLUGINS_EXPAND_DIR", "plugins"),
            ("RABBITMQ_PID_FILE", "pid"),
        ];
        for (name, path) in paths {
            command.env(name, self.home.join(path));
        }
        command
            .current_dir(&self.home)
            // The data is bound to the node's name, so that is the same at each start. The port mapper is private:
            // brokers side by side may share the name.
            .env("RABBITMQ_NODENAME", "orderflow@localhost")
            .env("RABBITMQ_DIST_PORT", self.ports.distribution.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("ERL_EPMD_PORT", self.ports.port_mapper.to_string());
        command
    }
}

/// The port mapper has nothing to put in order, but with SIGKILL only when all else fails.
const PORT_MAPPER_ENDING: Ending = Ending { gentle: Signal::SIGTERM, prompt: Signal::SIGTERM };

/// Fails unless a broker on this port answers the protocol header.
async fn speaks_amqp(port: u16) -> Result<()> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
    socket.write_all(PROTOCOL_HEADER).await?;
    let mut frame_type = [0];
    tokio::time::timeout(Duration::from_secs(5), socket.read_exact(&mut frame_type)).await??;
    Ok(())
}

#[derive(Debug)]
struct Programs {
    server: PathBuf,
    port_mapper: PathBuf,
}

impl Programs {
    fn find() -> Result<Self> {
        const MISSING: &str = "RabbitMQ is missing (Debian and Ubuntu: apt-get install rabbitmq-server)";
        // Debian's program of this name on the PATH changes the user; the one behind it does not.
        let server = match std::env::var_os("RABBITMQ_SERVER").filter(|path| !path.is_empty()) {
            Some(named) => {
                let named = PathBuf::from(named);
                anyhow::ensure!(
                    named.is_file(),
                    "RABBITMQ_SERVER names {}, which is not a file",
                    named.display()
                );
                named
            }
            None => [PathBuf::from("/usr/lib/rabbitmq/bin/rabbitmq-server")]
                .into_iter()
                .find(|path| path.is_file())
                .or_else(|| on_path("rabbitmq-server"))
                .context(MISSING)?,
        };
        let port_mapper = on_path("epmd").context("epmd is missing; it is a part of Erlang")?;
        Ok(Self { server, port_mapper })
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

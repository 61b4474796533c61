//! A private RabbitMQ broker with its management console. It has its own node, data and cookie, and listens
//! on free loopback ports.
//!
//! All settings are environment variables that both RabbitMQ 3.10 and 4.x support. They also replace all
//! paths that Debian has in /etc and /var:
//! <https://www.rabbitmq.com/docs/configure#supported-environment-variables>.

mod programs;

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use nix::sys::signal::Signal;
use reqwest::Url;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::instance::Folder;
use crate::plain_path::PlainPath;
use crate::ports;
use crate::process::{Ending, Process};
use crate::slot::Slot;
use programs::Programs;

const USER: &str = "orderflow";
const START_DEADLINE: Duration = Duration::from_mins(2);
const STOP_GRACE: Duration = Duration::from_secs(30);
/// `rabbitmqctl` starts its own Erlang virtual machine, which takes time.
const CONTROL_DEADLINE: Duration = Duration::from_mins(2);
/// The first bytes from a client (AMQP 0-9-1, 4.2.2). A running broker answers with `connection.start`.
const PROTOCOL_HEADER: &[u8] = b"AMQP\x00\x00\x09\x01";

/// A private RabbitMQ broker.
#[derive(Debug)]
pub struct RabbitMq {
    programs: Programs,
    folder: Folder,
    /// Whether the data was created under another path and was therefore reset for this start.
    moved: bool,
    password: String,
    ports: Ports,
    slot: Slot,
    /// The port mapper. Erlang nodes use it to find each other. If RabbitMQ started the port mapper, it would
    /// keep running after the broker. So this program starts it.
    port_mapper: Slot,
    /// Dropped after the processes that run in it. RabbitMQ 3.10 hangs if the path of its data has an
    /// apostrophe.
    home: PlainPath,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    amqp: u16,
    management: u16,
    distribution: u16,
    port_mapper: u16,
}

/// In milliseconds. Quorum queues report their depth every second, by default every five seconds. RabbitMQ
/// retries a message of a retry queue whose target was missing after ten seconds, by default after three
/// minutes.
const ADVANCED_CONFIGURATION: &str = "\
[{rabbit, [
  {quorum_tick_interval, 1000},
  {dead_letter_worker_publisher_confirm_timeout, 10000}
]}].
";

impl RabbitMq {
    /// Starts the broker of this folder, and waits until it accepts connections.
    pub(crate) async fn start_in(folder: &Folder, password: &str) -> Result<Self> {
        let home = PlainPath::to(&folder.path("rabbitmq"))?;
        let broker = Self {
            programs: Programs::find()?,
            folder: folder.clone(),
            moved: remove_unusable_data(&home)?,
            home,
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
        fs::write(broker.home.join(CREATED_UNDER), broker.home.as_os_str().as_bytes())?;
        Ok(broker)
    }

    /// Returns whether the data was reset because the folder was renamed or copied.
    #[must_use]
    pub fn was_moved(&self) -> bool {
        self.moved
    }

    /// Starts the stopped or killed broker on its old ports, and waits until it accepts connections.
    pub async fn start(&self) -> Result<()> {
        let log = self.folder.log("rabbitmq");
        let process = self.slot.fill(|| {
            Process::spawn(self.command(), "RabbitMQ", &log, &self.folder.records(), Ending::SERVICE)
        })?;
        self.wait_until_it_answers(&process).await
    }

    /// Shuts the broker down.
    pub async fn stop(&self) -> Result<()> {
        self.slot.stop(STOP_GRACE).await
    }

    /// Kills the broker (SIGKILL).
    pub async fn kill(&self) {
        self.slot.kill().await;
    }

    /// Removes all data of the killed or stopped broker. The next start begins with an empty broker.
    pub(crate) fn lose_data(&self) -> Result<()> {
        let data = self.home.join("data");
        fs::remove_dir_all(&data).with_context(|| format!("remove {}", data.display()))
    }

    /// Freezes the broker (SIGSTOP). Its connections remain open and silent.
    pub fn pause(&self) -> Result<()> {
        self.slot.pause()
    }

    /// Resumes a frozen broker (SIGCONT).
    pub fn resume(&self) -> Result<()> {
        self.slot.resume()
    }

    /// Runs `rabbitmqctl` against the broker, for functions that the management API lacks.
    pub async fn control(&self, arguments: &[&str]) -> Result<()> {
        // Use the program beside the server. The one on the PATH changes the user.
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

    /// The process id of the broker, the parent of its other processes.
    pub fn pid(&self) -> Result<i32> {
        Ok(self.slot.process()?.pid())
    }

    pub(crate) fn slot(&self) -> &Slot {
        &self.slot
    }

    /// Ends the broker and its port mapper.
    pub(crate) async fn shut_down(&self) -> Result<()> {
        let stopped = self.stop().await;
        self.port_mapper.kill().await;
        stopped
    }

    async fn wait_until_it_answers(&self, process: &Process) -> Result<()> {
        let answered = async {
            loop {
                process.check_running()?;
                // The management console listens before the broker accepts AMQP connections.
                if speaks_amqp(self.ports.amqp).await.is_ok() {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let answered = tokio::time::timeout(START_DEADLINE, answered).await;
        answered.context("RabbitMQ did not accept connections in time")?
    }

    fn write_configuration(&self) -> Result<()> {
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
        fs::write(self.home.join("advanced.config"), ADVANCED_CONFIGURATION)?;
        fs::write(self.home.join("environment"), "# Read in place of the one in /etc.\n")?;
        fs::write(self.home.join("enabled_plugins"), "[rabbitmq_management].\n")?;
        Ok(())
    }

    fn start_port_mapper(&self) -> Result<Arc<Process>> {
        let mut command = Command::new(&self.programs.port_mapper);
        command.args(["-address", "127.0.0.1", "-port", &self.ports.port_mapper.to_string()]);
        remove_foreign_settings(&mut command);
        let log = self.folder.log("epmd");
        let records = self.folder.records();
        self.port_mapper
            .fill(|| Process::spawn(command, "Erlang port mapper", &log, &records, PORT_MAPPER_ENDING))
    }

    fn command(&self) -> Command {
        let mut command = self.command_of(&self.programs.server);
        command
            // With this setting the script replaces itself with the Erlang virtual machine, so signals reach
            // the broker. The broker shuts down on SIGTERM.
            .env("RABBITMQ_ALLOW_INPUT", "true")
            .env(
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                // Waiting schedulers must not spin, because other processes need the cores of this machine.
                // <https://www.rabbitmq.com/docs/runtime#busy-waiting>
                "-noinput -kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
            );
        command
    }

    /// Creates the command of a RabbitMQ program with the settings of this broker.
    fn command_of(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        remove_foreign_settings(&mut command);
        let paths = [
            ("HOME", "home"), // It holds the cookie.
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
            .current_dir(&*self.home)
            // The data belongs to the node's name, so the name is always the same. Several brokers may have
            // this name, because each has a private port mapper.
            .env("RABBITMQ_NODENAME", "orderflow@localhost")
            .env("RABBITMQ_USE_LONGNAME", "false")
            .env("RABBITMQ_DIST_PORT", self.ports.distribution.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("ERL_EPMD_PORT", self.ports.port_mapper.to_string());
        command
    }
}

/// The file with the path that the data was created under. It is written after the first start.
const CREATED_UNDER: &str = "made";

/// Removes data that RabbitMQ cannot use, and returns whether the path has changed. It cannot use the data of
/// an interrupted first start. Nor can it use data from another path, because quorum queues store the path.
///
/// No order is lost, because order-service publishes the events of waiting orders again.
fn remove_unusable_data(home: &Path) -> Result<bool> {
    let created_under = fs::read(home.join(CREATED_UNDER)).ok();
    if home.exists() && created_under.as_deref() != Some(home.as_os_str().as_bytes()) {
        // The folder itself remains, because a link may lead to it.
        for entry in fs::read_dir(home)?.flatten() {
            let path = entry.path();
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.with_context(|| format!("remove {}", path.display()))?;
        }
        return Ok(created_under.is_some());
    }
    Ok(false)
}

/// Removes variables that configure another broker, or all Erlang programs of this user, such as `ERL_FLAGS`.
fn remove_foreign_settings(command: &mut Command) {
    let is_foreign = |name: &str| name.starts_with("RABBITMQ_") || name.starts_with("ERL_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_foreign(&name.to_string_lossy())) {
        command.env_remove(name);
    }
}

/// The port mapper needs no time to shut down, but SIGKILL is only the last resort.
const PORT_MAPPER_ENDING: Ending = Ending { gentle: Signal::SIGTERM, prompt: Signal::SIGTERM };

/// Fails unless a broker on this port answers the protocol header.
async fn speaks_amqp(port: u16) -> Result<()> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
    socket.write_all(PROTOCOL_HEADER).await?;
    let mut frame_type = [0];
    tokio::time::timeout(Duration::from_secs(5), socket.read_exact(&mut frame_type)).await??;
    Ok(())
}

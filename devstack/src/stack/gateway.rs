//! The gateway: Caddy in front of all replicas. Browsers and other clients use only its address.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::Client;

use crate::instance::{self, Folder};
use crate::ports;
use crate::process::{Ending, Process};
use crate::slot::Slot;

/// The port of the gateway of a lasting stack, if it is free.
pub(crate) const USUAL_PORT: u16 = 8080;
/// The same as for a service.
const READY_DEADLINE: Duration = Duration::from_mins(2);

/// The gateway of one stack. `deploy/Caddyfile` configures it.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub slot: Slot,
    port: u16,
}

impl Gateway {
    pub(crate) fn new(port: u16) -> Self {
        Self { slot: Slot::empty("gateway"), port }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts the gateway. `upstreams` has the addresses of replicas for each variable of the Caddyfile.
    pub(crate) fn spawn(
        &self,
        upstreams: impl IntoIterator<Item = (&'static str, String)>,
        folder: &Folder,
    ) -> Result<()> {
        ensure!(ports::is_free(self.port), "port {} of the gateway is taken", self.port);
        let checkout = instance::checkout()?;
        let home = folder.path("caddy");
        let mut command = Command::new("caddy");
        command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(checkout.join("deploy/Caddyfile"))
            .env("SITE_ADDRESS", format!("http://:{}", self.port))
            .env("WEB_ROOT", checkout.join("web/dist"))
            .env("DOCS_ROOT", checkout.join("docs"))
            // A separate log, because each page causes dozens of requests. They would hide the other log
            // lines.
            .env("ACCESS_LOG", format!("file `{}`", folder.log("access").display()))
            // By default, Caddy keeps its state in the user's home folder.
            .env("XDG_CONFIG_HOME", &home)
            .env("XDG_DATA_HOME", &home)
            .envs(upstreams);
        let log = folder.log(self.slot.name());
        self.slot.fill(|| Process::spawn(command, "gateway", &log, &folder.records(), Ending::SERVICE))?;
        Ok(())
    }

    /// Waits until the gateway answers. Fails as soon as its process ends.
    pub(crate) async fn wait_until_ready(&self, http: &Client) -> Result<()> {
        let process = self.slot.process()?;
        let answers = async {
            loop {
                process.check_running()?;
                if http.get(self.url()).send().await.is_ok() {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        tokio::time::timeout(READY_DEADLINE, answers).await.context("the gateway does not answer")?
    }
}

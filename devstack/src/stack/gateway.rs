//! Caddy, in front of the replicas: the one address that browsers and other clients need to know.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::Client;

use crate::instance::{self, Folder};
use crate::ports;
use crate::process::{Ending, Process};
use crate::slot::Slot;

/// Where it listens if that port is free and nobody needs another.
pub(crate) const USUAL_PORT: u16 = 8080;
/// As long as for a service.
const READY_DEADLINE: Duration = Duration::from_mins(2);

/// The gateway of one stack. What it does is written in `deploy/Caddyfile`.
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

    /// Starts it before these replicas: for each variable of the Caddyfile, their addresses.
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
            // A page is dozens of requests: among the logs that people follow, they would hide what happens.
            .env("ACCESS_LOG", format!("file `{}`", folder.log("access").display()))
            // It keeps its state in folders of the user's otherwise.
            .env("XDG_CONFIG_HOME", &home)
            .env("XDG_DATA_HOME", &home)
            .envs(upstreams);
        let log = folder.log(self.slot.name());
        self.slot.fill(|| Process::spawn(command, "gateway", &log, &folder.records(), Ending::SERVICE))?;
        Ok(())
    }

    /// Waits until it answers; fails as soon as its process ends.
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

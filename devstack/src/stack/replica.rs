//! One process of a service.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::Client;

use crate::instance::Folder;
use crate::process::{Ending, Process};
use crate::services::Service;
use crate::slot::Slot;
use crate::{logs, ports};

/// Long enough for a busy machine. The end of a process is noticed immediately.
const READY_DEADLINE: Duration = Duration::from_mins(2);

/// One process of a service. Its address does not change when it is started again.
#[derive(Debug)]
pub(crate) struct Replica {
    pub service: &'static Service,
    /// Counts from 1.
    pub number: usize,
    pub slot: Slot,
    port: u16,
}

impl Replica {
    pub(crate) fn new(service: &'static Service, number: usize, port: u16) -> Self {
        Self { service, number, slot: Slot::empty(format!("{}-{number}", service.name)), port }
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    pub(crate) fn spawn(
        &self,
        program: &Path,
        variables: Vec<(String, String)>,
        folder: &Folder,
    ) -> Result<()> {
        anyhow::ensure!(ports::is_free(self.port), "port {} of {} is taken", self.port, self.slot.name());
        let mut command = Command::new(program);
        command.envs(variables);
        let name = self.slot.name();
        let log = folder.log(name);
        self.slot.fill(|| Process::spawn(command, name, &log, &folder.records(), Ending::SERVICE))?;
        Ok(())
    }

    /// Waits until `/health/ready` succeeds. Fails as soon as the process ends.
    pub(crate) async fn wait_until_ready(&self, http: &Client) -> Result<()> {
        let process = self.slot.process()?;
        let url = format!("{}/health/ready", self.url());
        let ready = async {
            loop {
                process.check_running()?;
                let answer = http.get(&url).send().await;
                if answer.is_ok_and(|response| response.status().is_success()) {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        tokio::time::timeout(READY_DEADLINE, ready).await.with_context(|| {
            let lines = logs::tail(process.log(), 20);
            format!(
                "{} was not ready in {} s; its last lines:\n{lines}",
                process.name(),
                READY_DEADLINE.as_secs()
            )
        })?
    }
}

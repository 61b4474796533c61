//! `./dev status`: shows the addresses and passwords of a running `./dev up`, and whether each service is
//! ready.

use std::collections::HashSet;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use futures_util::future::join_all;

use super::overview::Overview;
use crate::instance::{self, Folder};
use crate::progress::say;

/// The timeout of a readiness check.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Succeeds if all services are ready.
pub(crate) async fn run() -> Result<ExitCode> {
    let folder = Folder::of("up")?;
    let Some(process) = instance::holder(&folder)? else {
        say!("Orderflow is not running; `./dev up` starts it.");
        return Ok(ExitCode::FAILURE);
    };
    let Some(overview) = Overview::read(&folder)? else {
        say!("`./dev up` (process {process}) is starting or stopping.");
        return Ok(ExitCode::FAILURE);
    };
    let http = runtime::http_client::client(ANSWER_TIMEOUT)?;
    let ready = overview.replicas.iter().map(async |replica| {
        let answer = http.get(format!("{}/health/ready", replica.url)).send().await;
        answer.is_ok_and(|response| response.status().is_success()).then_some(&replica.url)
    });
    let ready: HashSet<_> = join_all(ready).await.into_iter().flatten().collect();
    overview.print(|replica| if ready.contains(&replica.url) { "ready" } else { "not ready" }.to_owned());
    let all = ready.len() == overview.replicas.len();
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

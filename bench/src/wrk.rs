//! The load generator of orders and quotes: wrk (<https://github.com/wg/wrk>). It needs little CPU, so it does
//! not limit the figures.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::{fs, io, path::Path, process::Stdio, time::Duration};
use tokio::process::Command;

/// The requests of wrk, and the output of its results.
const SCRIPT: &str = include_str!("post.lua");
/// The time limit of a request.
const REQUEST_TIMEOUT: &str = "10s";

/// The results of wrk.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Seen {
    /// Answers with a status below 400.
    pub(crate) accepted: f64,
    /// Other answers, and failed connections.
    failed: f64,
    seconds: f64,
    /// The median latency in milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Seen {
    /// Accepted requests per second.
    pub(crate) fn rate(&self) -> f64 {
        self.accepted / self.seconds
    }
}

/// Returns an error that explains how to install wrk if it is missing.
pub(crate) async fn require_installed() -> Result<()> {
    let started =
        Command::new("wrk").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().await;
    match started {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            anyhow::bail!(
                "wrk is missing; please install it (Debian and Ubuntu: apt-get install wrk) and try again"
            )
        }
        other => other.context("start wrk").map(drop), // `wrk --version` exits with an error.
    }
}

/// The parameters of one run of wrk.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) connections: u32,
    pub(crate) length: Duration,
    /// Whether each request has its own `Idempotency-Key`.
    pub(crate) keyed: bool,
}

/// Sends POST requests with these tokens and bodies, one of each a line, in turn. Without tokens, the requests
/// have no login. Returns an error if a request is not accepted.
pub(crate) async fn post(run: Run, url: &str, script: &Path, tokens: &str, bodies: &str) -> Result<Seen> {
    fs::write(script, SCRIPT).context("write wrk's script")?;
    let output = Command::new("wrk")
        .args(["--threads", if run.connections == 1 { "1" } else { "2" }])
        .args(["--connections", &run.connections.to_string(), "--timeout", REQUEST_TIMEOUT])
        .args(["--duration", &format!("{}s", run.length.as_secs()), "--script"])
        .arg(script)
        .arg(url)
        .env("TOKENS", tokens)
        .env("BODIES", bodies)
        .env("KEYED", if run.keyed { uuid::Uuid::now_v7().to_string() } else { String::new() })
        .kill_on_drop(true)
        .output()
        .await
        .context("run wrk")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let result = text.lines().find_map(|line| line.strip_prefix("seen "));
    let unexpected =
        || format!("unexpected output of wrk: {text}{}", String::from_utf8_lossy(&output.stderr));
    let result = result.with_context(unexpected)?;
    let seen: Seen = serde_json::from_str(result).context("read the results of wrk")?;
    ensure!(seen.failed == 0.0, "{} requests failed, {} succeeded", seen.failed, seen.accepted);
    Ok(seen)
}

//! The load generator of `POST /orders`: wrk, which takes so little of the machine that it is not what is measured.
//! <https://github.com/wg/wrk>

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::{fs, io, path::Path, process::Stdio, time::Duration};
use tokio::process::Command;

/// Tells wrk what to send and how to tell what it saw.
const SCRIPT: &str = include_str!("place.lua");
/// wrk gives up a request after this.
const PATIENCE: &str = "10s";

/// What wrk saw.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Seen {
    /// Answers with 201.
    pub(crate) accepted: f64,
    /// Any other answer, and connections that failed.
    failed: f64,
    seconds: f64,
    /// Milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Seen {
    /// Orders a second.
    pub(crate) fn rate(&self) -> f64 {
        self.accepted / self.seconds
    }
}

/// An error that says what to do where wrk is missing.
pub(crate) async fn is_there() -> Result<()> {
    let asked =
        Command::new("wrk").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().await;
    match asked {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            anyhow::bail!(
                "wrk is missing; please install it (Debian and Ubuntu: apt-get install wrk) and try again"
            )
        }
        other => other.context("start wrk").map(drop), // Asked for its version, it ends with an error.
    }
}

/// What one run of wrk is to be like.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) connections: u32,
    pub(crate) length: Duration,
    /// Whether each order has an `Idempotency-Key` of its own.
    pub(crate) keyed: bool,
}

/// Places orders, with these tokens and bodies in turn. An error where one is not accepted.
pub(crate) async fn place(run: Run, url: &str, script: &Path, tokens: &str, bodies: &str) -> Result<Seen> {
    fs::write(script, SCRIPT).context("write wrk's script")?;
    let output = Command::new("wrk")
        .args(["--threads", if run.connections == 1 { "1" } else { "2" }])
        .args(["--connections", &run.connections.to_string(), "--timeout", PATIENCE])
        .args(["--duration", &format!("{}s", run.length.as_secs()), "--script"])
        .arg(script)
        .arg(format!("{url}/orders"))
        .env("TOKENS", tokens)
        .env("BODIES", bodies)
        .env("KEYED", if run.keyed { uuid::Uuid::now_v7().to_string() } else { String::new() })
        .kill_on_drop(true)
        .output()
        .await
        .context("run wrk")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let told = text.lines().find_map(|line| line.strip_prefix("seen "));
    let told = told.with_context(|| format!("wrk said {text}{}", String::from_utf8_lossy(&output.stderr)))?;
    let seen: Seen = serde_json::from_str(told).context("read what wrk saw")?;
    ensure!(seen.failed == 0.0, "{} requests failed, {} did not", seen.failed, seen.accepted);
    Ok(seen)
}

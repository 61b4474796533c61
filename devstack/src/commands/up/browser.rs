//! `./dev up --open`: opens the shop in the user's browser.

use std::process::Stdio;

use anyhow::{Result, ensure};
use tokio::process::Command;

use crate::progress::complain;

/// The program that opens an address in the user's default browser.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// Opens the address in the background, because some openers end only with the browser. A failure is printed
/// and does not stop the system.
pub(super) fn open(url: String) {
    tokio::spawn(async move {
        if let Err(error) = try_open(&url).await {
            complain!("dev: cannot open a browser ({OPENER}: {error}); open {url} yourself");
        }
    });
}

async fn try_open(url: &str) -> Result<()> {
    let mut command = Command::new(OPENER);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().await?;
    ensure!(status.success(), "{status}");
    Ok(())
}

//! `./dev up --open`: the shop in the user's browser.

use std::process::Stdio;

use anyhow::{Result, ensure};
use tokio::process::Command;

use crate::progress::complain;

/// Opens an address in the browser of the user's choice.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// Opens the address, or tells why not: a shop without a window is a shop all the same. Returns at once; some openers
/// end with the browser.
pub(super) fn open(url: String) {
    tokio::spawn(async move {
        if let Err(error) = try_open(&url).await {
            complain!("dev: no browser was opened ({OPENER}: {error}); open {url} yourself");
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

//! `./dev check`.

use std::process::ExitCode;

use anyhow::Result;

use crate::shutdown::Shutdown;

pub(crate) async fn run(_shutdown: &Shutdown) -> Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}

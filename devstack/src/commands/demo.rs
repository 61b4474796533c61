//! `./dev demo`.

use std::process::ExitCode;

use anyhow::Result;

use super::system::System;
use crate::instance::Instance;
use crate::shutdown::Shutdown;

pub(crate) async fn run(shutdown: &Shutdown) -> Result<ExitCode> {
    let instance = Instance::take_empty("demo")?;
    let system = shutdown.unless(System::start(&instance, &[])).await?;
    system.shut_down().await?;
    Ok(ExitCode::SUCCESS)
}

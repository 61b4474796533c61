//! Measures the resident memory of each idle process.

use crate::{
    figures::{Figures, Goal},
    system::System,
};
use anyhow::Result;

pub(super) async fn measure(system: &System) -> Result<Figures> {
    system.workers(1).await?;
    let mut figures = Figures::default();
    for (process, usage) in system.usage()? {
        let what = format!("idle memory, {process}");
        match process {
            "PostgreSQL" | "RabbitMQ" => figures.add(what, "MB", vec![usage.memory]),
            _ => figures.aim(what, "MB", vec![usage.memory], Goal::Under(25.0)),
        }
    }
    Ok(figures)
}

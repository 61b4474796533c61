//! Measures the resident memory of each idle process.

use crate::{
    arena::Arena,
    figures::{Figures, Goal},
};
use anyhow::Result;

pub(super) async fn measure(arena: &Arena) -> Result<Figures> {
    arena.workers(1).await?;
    let mut figures = Figures::default();
    for (process, usage) in arena.usage()? {
        let what = format!("idle memory, {process}");
        match process {
            "PostgreSQL" | "RabbitMQ" => figures.add(what, "MB", vec![usage.memory]),
            _ => figures.aim(what, "MB", vec![usage.memory], Goal::Under(25.0)),
        }
    }
    Ok(figures)
}

//! What is measured, one thing a file.

mod accepted;
mod ceilings;
mod completed;
mod costs;
mod drain;
mod growth;
mod latency;
mod logins;
mod memory;
mod sockets;

use crate::{Extent, arena::Arena, figures::Figures};
use anyhow::Result;
use clap::ValueEnum;
use std::fmt;

/// A part of the measurements, in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Part {
    /// Resident memory of idle processes
    Memory,
    /// What PostgreSQL and RabbitMQ can do by themselves
    Ceilings,
    /// Orders accepted a second
    Accepted,
    /// Orders completed a second, and what they cost
    Completed,
    /// From POST to `completed` on the socket
    Latency,
    /// More payment-workers
    Drain,
    /// Many sockets
    Sockets,
    /// Orders while many log in
    Logins,
    /// Orders and reads with years of orders there (takes half an hour, and only where it is named)
    Growth,
}

impl Part {
    /// Those that are measured where none is named.
    pub(crate) const USUAL: [Self; 8] = [
        Self::Memory,
        Self::Ceilings,
        Self::Accepted,
        Self::Completed,
        Self::Latency,
        Self::Drain,
        Self::Sockets,
        Self::Logins,
    ];

    pub(crate) async fn measure(self, arena: &mut Arena, extent: Extent) -> Result<Figures> {
        match self {
            Self::Memory => memory::measure(arena).await,
            Self::Ceilings => ceilings::measure(arena, extent).await,
            Self::Accepted => accepted::measure(arena, extent).await,
            Self::Completed => completed::measure(arena, extent).await,
            Self::Latency => latency::measure(arena, extent).await,
            Self::Drain => drain::measure(arena, extent).await,
            Self::Sockets => sockets::measure(arena).await,
            Self::Logins => logins::measure(arena, extent).await,
            Self::Growth => growth::measure(arena, extent).await,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_possible_value().and_then(|value| value.get_help().cloned()) {
            Some(help) => help.fmt(f),
            None => Ok(()),
        }
    }
}

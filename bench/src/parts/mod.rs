//! The parts of the measurements, one per file.

mod accepted;
mod ceilings;
mod completed;
mod costs;
mod drain;
mod growth;
mod latency;
mod logins;
mod memory;
mod quotes;
mod sockets;

use crate::{extent::Extent, figures::Figures, system::System};
use anyhow::Result;
use clap::ValueEnum;
use std::fmt;

/// A part of the measurements, in the order of execution.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Part {
    /// Resident memory of idle processes
    Memory,
    /// The limits of PostgreSQL and RabbitMQ alone
    Ceilings,
    /// Accepted orders per second
    Accepted,
    /// Completed orders per second, and their CPU time
    Completed,
    /// The latency from POST to `completed` on the socket
    Latency,
    /// The throughput of several payment-workers
    Drain,
    /// 10,000 open sockets
    Sockets,
    /// Orders during many logins
    Logins,
    /// Quotes under several promotions
    Quotes,
    /// Orders and reads with a large history (takes half an hour; measured only if it is named)
    Growth,
}

impl Part {
    /// The default parts.
    pub(crate) const DEFAULT: [Self; 9] = [
        Self::Memory,
        Self::Ceilings,
        Self::Accepted,
        Self::Completed,
        Self::Latency,
        Self::Drain,
        Self::Sockets,
        Self::Logins,
        Self::Quotes,
    ];

    pub(crate) async fn measure(self, system: &mut System, extent: Extent) -> Result<Figures> {
        match self {
            Self::Memory => memory::measure(system).await,
            Self::Ceilings => ceilings::measure(system, extent).await,
            Self::Accepted => accepted::measure(system, extent).await,
            Self::Completed => completed::measure(system, extent).await,
            Self::Latency => latency::measure(system, extent).await,
            Self::Drain => drain::measure(system, extent).await,
            Self::Sockets => sockets::measure(system).await,
            Self::Logins => logins::measure(system, extent).await,
            Self::Quotes => quotes::measure(system, extent).await,
            Self::Growth => growth::measure(system, extent).await,
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

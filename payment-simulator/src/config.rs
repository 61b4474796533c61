//! The settings of this program. `--help` is the reference.

use crate::faults::FaultSwitches;
use clap::{Parser, builder::NonEmptyStringValueParser};
use rest::switches::{Percent, Times};
use runtime::telemetry::LogOptions;
use std::{net::SocketAddr, path::PathBuf};

/// A simulated payment provider for development and tests. It implements the part of Stripe's API for payment
/// intents and refunds that payment-worker uses. It moves no money.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Config {
    /// The address and port to listen on.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8086")]
    pub(crate) listen: SocketAddr,

    /// The file with all charges, refunds and answers, such as `ledger.jsonl`. A missing file is created.
    #[arg(long, env = "LEDGER_FILE")]
    pub(crate) ledger_file: PathBuf,

    /// The accepted API key. If it is not set, any key is accepted.
    #[arg(long, env = "SIMULATOR_API_KEY", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) api_key: Option<String>,

    /// How many hours an idempotency key is remembered. Stripe may forget it after 24.
    #[arg(long, env = "SIMULATOR_IDEMPOTENCY_HOURS", default_value_t = 24)]
    pub(crate) idempotency_hours: u32,

    /// The percentage of charges on good cards that are declined.
    #[arg(long, env = "SIMULATOR_DECLINE_PERCENT", default_value_t)]
    pub(crate) decline_percent: Percent,

    /// The delay of each charge and refund, in milliseconds.
    #[arg(long, env = "SIMULATOR_DELAY_MS", default_value_t)]
    pub(crate) delay_ms: u64,

    /// The number of captured charges that are never answered, or `all`.
    #[arg(long, env = "SIMULATOR_TIMEOUT_AFTER_CAPTURE", default_value_t)]
    pub(crate) timeout_after_capture: Times,

    /// The number of captured charges that are answered 500, or `all`.
    #[arg(long, env = "SIMULATOR_ERROR_AFTER_CAPTURE", default_value_t)]
    pub(crate) error_after_capture: Times,

    /// The percentage of requests under `/v1` that are answered 503.
    #[arg(long, env = "SIMULATOR_UNAVAILABLE_PERCENT", default_value_t)]
    pub(crate) unavailable_percent: Percent,

    /// The settings of the log.
    #[command(flatten)]
    pub(crate) log: LogOptions,
}

impl Config {
    /// The initial faults.
    pub(crate) const fn faults(&self) -> FaultSwitches {
        FaultSwitches {
            decline_percent: self.decline_percent,
            delay_ms: self.delay_ms,
            timeout_after_capture: self.timeout_after_capture,
            error_after_capture: self.error_after_capture,
            unavailable_percent: self.unavailable_percent,
            processing: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn flags_are_consistent() {
        Config::command().debug_assert();
    }
}

//! Settings: flags or variables; `--help` is the reference.

use crate::faults::{FaultSwitches, Percent, Times};
use clap::Parser;
use runtime::telemetry::LogOptions;
use std::{net::SocketAddr, path::PathBuf};

/// A stand-in payment provider for development and tests. It speaks the part of Stripe's API of
/// payment intents and refunds that payment-worker uses, and moves no money.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Config {
    /// Where to listen.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8086")]
    pub listen: SocketAddr,

    /// The file that keeps every charge, refund and answer; created where it is missing.
    #[arg(long, env = "LEDGER_FILE")]
    pub ledger_file: PathBuf,

    /// The one API key that is let in; any key is, where this is not set.
    #[arg(long, env = "SIMULATOR_API_KEY", hide_env_values = true)]
    pub api_key: Option<String>,

    /// How many hours an idempotency key is remembered. Stripe may forget it after 24.
    #[arg(long, env = "SIMULATOR_IDEMPOTENCY_HOURS", default_value_t = 24)]
    pub idempotency_hours: u32,

    /// So many of a hundred charges on good cards are declined.
    #[arg(long, env = "SIMULATOR_DECLINE_PERCENT", default_value_t)]
    pub decline_percent: Percent,

    /// Charges and refunds are carried out so many milliseconds after they were asked for.
    #[arg(long, env = "SIMULATOR_DELAY_MS", default_value_t)]
    pub delay_ms: u64,

    /// So many captured charges are never answered; or `all`.
    #[arg(long, env = "SIMULATOR_TIMEOUT_AFTER_CAPTURE", default_value_t)]
    pub timeout_after_capture: Times,

    /// So many captured charges are answered 500; or `all`.
    #[arg(long, env = "SIMULATOR_ERROR_AFTER_CAPTURE", default_value_t)]
    pub error_after_capture: Times,

    /// So many of a hundred requests under `/v1` are answered 503.
    #[arg(long, env = "SIMULATOR_UNAVAILABLE_PERCENT", default_value_t)]
    pub unavailable_percent: Percent,

    /// How to log.
    #[command(flatten)]
    pub log: LogOptions,
}

impl Config {
    /// The faults to start with.
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

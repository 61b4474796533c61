//! The settings of this program. `--help` is the reference.

use crate::faults::FaultSwitches;
use clap::{Parser, builder::NonEmptyStringValueParser};
use reqwest::Url;
use rest::{
    switches::{Percent, Times},
    webhook::WebhookSecret,
};
use runtime::{config::http_url, telemetry::LogOptions};
use std::{net::SocketAddr, path::PathBuf};

/// A simulated parcel carrier for development and tests. It takes parcels, reports their progress with signed
/// webhooks, and carries nothing.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// The address and port to listen on.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8095")]
    pub(crate) listen: SocketAddr,

    /// The file with all parcels, such as `parcels.jsonl`. A missing file is created.
    #[arg(long, env = "PARCELS_FILE")]
    pub(crate) parcels_file: PathBuf,

    /// The accepted API key. If it is not set, any key is accepted.
    #[arg(long, env = "SIMULATOR_API_KEY", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) api_key: Option<String>,

    /// The address to which the webhooks are sent.
    #[arg(long, env = "WEBHOOK_URL", default_value = "http://127.0.0.1:8080/api/carrier/events", value_parser = http_url)]
    pub(crate) webhook_url: Url,

    /// The secret with which webhooks are signed.
    #[arg(long, env = "WEBHOOK_SECRET", hide_env_values = true)]
    pub(crate) webhook_secret: WebhookSecret,

    /// The time between two events of a parcel, in milliseconds.
    #[arg(long, env = "SIMULATOR_STEP_MS", default_value = "4000", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) step_ms: u32,

    /// The delay of each answer and of each webhook, in milliseconds.
    #[arg(long, env = "SIMULATOR_DELAY_MS", default_value_t)]
    pub(crate) delay_ms: u32,

    /// The percentage of requests that are answered 503 and not executed.
    #[arg(long, env = "SIMULATOR_UNAVAILABLE_PERCENT", default_value_t)]
    pub(crate) unavailable_percent: Percent,

    /// The percentage of new parcels that are refused with 422.
    #[arg(long, env = "SIMULATOR_REFUSE_PERCENT", default_value_t)]
    pub(crate) refuse_percent: Percent,

    /// The number of taken parcels that are answered 500, or `all`.
    #[arg(long, env = "SIMULATOR_ERROR_AFTER_TAKING", default_value_t)]
    pub(crate) error_after_taking: Times,

    /// The percentage of webhooks that are sent twice.
    #[arg(long, env = "SIMULATOR_DUPLICATE_PERCENT", default_value_t)]
    pub(crate) duplicate_percent: Percent,

    /// The percentage of webhooks that are sent after later ones.
    #[arg(long, env = "SIMULATOR_REORDER_PERCENT", default_value_t)]
    pub(crate) reorder_percent: Percent,

    /// The percentage of webhooks that come with a forged one.
    #[arg(long, env = "SIMULATOR_FORGE_PERCENT", default_value_t)]
    pub(crate) forge_percent: Percent,

    /// Sends no webhooks.
    #[arg(long, env = "SIMULATOR_MUTE")]
    pub(crate) mute: bool,

    /// The percentage of parcels that are lost.
    #[arg(long, env = "SIMULATOR_LOST_PERCENT", default_value_t)]
    pub(crate) lost_percent: Percent,

    /// The percentage of parcels that come back.
    #[arg(long, env = "SIMULATOR_RETURNED_PERCENT", default_value_t)]
    pub(crate) returned_percent: Percent,

    /// The settings of the log.
    #[command(flatten)]
    pub(crate) log: LogOptions,
}

impl Config {
    /// The initial faults.
    pub(crate) const fn faults(&self) -> FaultSwitches {
        FaultSwitches {
            delay_ms: self.delay_ms,
            unavailable_percent: self.unavailable_percent,
            refuse_percent: self.refuse_percent,
            error_after_taking: self.error_after_taking,
            duplicate_percent: self.duplicate_percent,
            reorder_percent: self.reorder_percent,
            forge_percent: self.forge_percent,
            mute: self.mute,
            lost_percent: self.lost_percent,
            returned_percent: self.returned_percent,
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

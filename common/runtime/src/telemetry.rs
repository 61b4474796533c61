//! Logs and metrics of a process. Used by every service and worker.

use crate::lifecycle::BoxError;
use clap::{Args, ValueEnum};
use contract::text;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write},
    sync::OnceLock,
};
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

/// The format of the log. `RUST_LOG` sets its levels.
#[derive(Args, Clone, Debug)]
pub struct LogOptions {
    /// `text` for people, `json` for machines.
    #[arg(long, env = "LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One line for people.
    Text,
    /// One JSON object per line, with the ids of the trace and of the order in `span`.
    Json,
}

/// Upper bounds of the histograms' buckets, in seconds: a request takes 1 ms to 10 s.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// lapin logs each lost connection at error level. Our own code logs each outage once.
const DEFAULT_FILTER: &str = "info,lapin=off";

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts logs and metrics. Call it once, before anything else.
pub fn init(options: &LogOptions) -> Result<(), BoxError> {
    let registry = tracing_subscriber::registry().with(filter()?);
    match options.log_format {
        LogFormat::Text => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .with_ansi(io::stderr().is_terminal())
                    .with_writer(|| Escaping(io::stderr())),
            )
            .try_init()?,
        LogFormat::Json => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_span_list(false)
                    .with_writer(|| Escaping(io::stderr())),
            )
            .try_init()?,
    }

    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
        .install_recorder()?;
    METRICS.get_or_init(|| handle);
    Ok(())
}

/// The filter of `RUST_LOG`. An empty variable counts as not set.
fn filter() -> Result<EnvFilter, BoxError> {
    match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(text) if !text.is_empty() => EnvFilter::try_new(text)
            .map_err(|error| format!("RUST_LOG: {error}; expected levels such as {DEFAULT_FILTER}").into()),
        _ => Ok(EnvFilter::new(DEFAULT_FILTER)),
    }
}

/// The metrics in the text format of Prometheus. Empty before [`init`].
#[must_use]
pub fn metrics() -> String {
    METRICS.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// Empties the buffers of histograms. Must be called every few seconds.
pub fn upkeep() {
    if let Some(handle) = METRICS.get() {
        handle.run_upkeep();
    }
}

/// Writes log lines, and replaces invisible characters with escapes such as `\u202e`. Otherwise a customer's
/// text could reorder or hide parts of a line in a terminal.
struct Escaping<W>(W);

impl<W: Write> Write for Escaping<W> {
    /// Writes a whole line, because tracing-subscriber writes line by line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match str::from_utf8(line) {
            Ok(text) if !text.is_ascii() => self.0.write_all(escaped(text).as_bytes())?,
            // Most lines. Both formats escape ASCII controls themselves, and colours consist of them.
            _ => self.0.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Escapes invisible characters as JSON does (RFC 8259, 7).
fn escaped(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for c in line.chars() {
        if c.is_ascii() || !text::is_unseen(c) {
            escaped.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String does not fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(line: &str) -> String {
        let mut log = Escaping(Vec::new());
        log.write_all(line.as_bytes()).unwrap();
        String::from_utf8(log.0).unwrap()
    }

    #[test]
    fn invisible_characters_are_escaped() {
        let text = "a\u{202e}b\u{2028}c\u{9b}d\u{200b}e\u{e0041}f";
        let line = format!("{}\n", serde_json::json!({ "reason": text }));
        assert_eq!(logged(&line), "{\"reason\":\"a\\u202eb\\u2028c\\u009bd\\u200be\\udb40\\udc41f\"}\n");
        let read: serde_json::Value = serde_json::from_str(&logged(&line)).unwrap();
        assert_eq!(read["reason"], text, "programs read the original text");
    }

    #[test]
    fn other_lines_are_unchanged() {
        for line in ["{\"name\":\"Thé 緑茶 👩 שלום\"}\n", "\u{1b}[32m INFO\u{1b}[0m Thé\n", "plain\n"]
        {
            assert_eq!(logged(line), line);
        }
    }
}

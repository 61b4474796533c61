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

/// How to log. What to log is `RUST_LOG`, by default `info`.
#[derive(Args, Clone, Debug)]
pub struct LogOptions {
    /// `text` for people, `json` for machines.
    #[arg(long, env = "LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// A form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One line for people.
    Text,
    /// One JSON object a line, with the trace's and the order's id in `span`.
    Json,
}

/// Upper bounds of the histograms' buckets, in seconds: a request takes 1 ms to 10 s.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts logging and counting. Call it once, first.
pub fn init(options: &LogOptions) -> Result<(), BoxError> {
    // lapin says each lost connection itself, at error level; our own supervisors say it once.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,lapin=off"));
    let registry = tracing_subscriber::registry().with(filter);
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

/// The metrics in Prometheus' text form; empty before [`init`].
#[must_use]
pub fn metrics() -> String {
    METRICS.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// Moves what histograms have gathered out of their buffers; to be called every few seconds.
pub fn upkeep() {
    if let Some(handle) = METRICS.get() {
        handle.run_upkeep();
    }
}

/// Writes log lines with `\u202e` and the like in place of characters that cannot be seen. A customer's text could
/// otherwise turn or hide parts of a line in the terminal that shows it.
struct Escaping<W>(W);

impl<W: Write> Write for Escaping<W> {
    /// Takes a whole line, as tracing-subscriber writes it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match str::from_utf8(line) {
            // Most lines. Both formats escape ASCII controls themselves, and colours consist of them.
            Ok(text) if !text.is_ascii() => self.0.write_all(escaped(text).as_bytes())?,
            _ => self.0.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The escapes are those of JSON (RFC 8259, 7).
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
    fn a_line_shows_characters_that_cannot_be_seen() {
        let text = "a\u{202e}b\u{2028}c\u{9b}d\u{200b}e\u{e0041}f";
        let line = format!("{}\n", serde_json::json!({ "reason": text }));
        assert_eq!(logged(&line), "{\"reason\":\"a\\u202eb\\u2028c\\u009bd\\u200be\\udb40\\udc41f\"}\n");
        let read: serde_json::Value = serde_json::from_str(&logged(&line)).unwrap();
        assert_eq!(read["reason"], text, "it is the same for programs");
    }

    #[test]
    fn other_lines_stay_as_they_are() {
        for line in ["{\"name\":\"Thé 緑茶 👩 שלום\"}\n", "\u{1b}[32m INFO\u{1b}[0m Thé\n", "plain\n"]
        {
            assert_eq!(logged(line), line);
        }
    }
}

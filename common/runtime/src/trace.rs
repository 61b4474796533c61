//! W3C Trace Context (<https://www.w3.org/TR/trace-context/>). The customer's request, its event, the message
//! and the worker's PATCH have one trace id.
//!
//! Used by the HTTP server and client, the consumer loop, and order-service, which stores the context
//! with each event. The current context belongs to the task, not to the thread. A spawned task has no
//! context unless it runs in [`scope`].

use std::{fmt, future::Future, str::FromStr};
use tracing::{Instrument, Span, field};

/// The name of the HTTP header and of the message header.
pub const TRACEPARENT: &str = "traceparent";

/// A span of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    span_id: u64,
    flags: u8,
}

/// The text is not a `traceparent` of version 00.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent of the form 00-<32 hex>-<16 hex>-<2 hex>")]
pub struct InvalidTraceparent;

tokio::task_local! {
    static CURRENT: TraceContext;
}

impl TraceContext {
    /// The first span of a new trace, sampled.
    #[must_use]
    pub fn root() -> Self {
        Self { trace_id: rand::random::<u128>().max(1), span_id: rand::random::<u64>().max(1), flags: 1 }
    }

    /// A span below this one.
    #[must_use]
    pub fn child(self) -> Self {
        Self { span_id: rand::random::<u64>().max(1), ..self }
    }

    /// A span below the one that a peer sent. A new trace if the peer sent none, or one that is not valid.
    #[must_use]
    pub fn continued(traceparent: Option<&str>) -> Self {
        traceparent.and_then(|header| header.parse::<Self>().ok()).map_or_else(Self::root, Self::child)
    }

    /// The trace's id: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// The context of the running task.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|context| *context).ok()
    }
}

/// Runs a future with this context as the current one.
pub fn scope<F: Future>(context: TraceContext, future: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(context, future)
}

/// Runs one part of a batch request in its own trace. Each part comes from the message of another order.
/// Used by services that get one request for several orders.
pub async fn part<F: Future>(traceparent: Option<&str>, future: F) -> F::Output {
    let context = TraceContext::continued(traceparent);
    let span = tracing::info_span!("update", trace_id = %context.trace_id(), order_id = field::Empty);
    scope(context, future.instrument(span)).await
}

/// Adds the order id to all further log lines of the running request or delivery. The span must have an
/// empty field `order_id`.
pub fn record_order(order_id: impl fmt::Display) {
    Span::current().record("order_id", field::display(order_id));
}

impl FromStr for TraceContext {
    type Err = InvalidTraceparent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let mut part = |digits: usize| {
            parts
                .next()
                .filter(|part| {
                    part.len() == digits && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
                })
                .and_then(|part| u128::from_str_radix(part, 16).ok())
                .ok_or(InvalidTraceparent)
        };
        let (version, trace_id, span_id, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        // Version 00 has four parts; all-zero ids are invalid by the standard.
        if version != 0 || parts.next().is_some() || trace_id == 0 || span_id == 0 {
            return Err(InvalidTraceparent);
        }
        Ok(Self {
            trace_id,
            span_id: u64::try_from(span_id).map_err(|_| InvalidTraceparent)?,
            flags: u8::try_from(flags).map_err(|_| InvalidTraceparent)?,
        })
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_example_of_the_standard_is_read_and_written() {
        let context: TraceContext = EXAMPLE.parse().unwrap();
        assert_eq!(context.to_string(), EXAMPLE);
        assert_eq!(context.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    #[test]
    fn a_child_stays_in_the_trace() {
        let child = TraceContext::continued(Some(EXAMPLE));
        assert_eq!(child.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(child.to_string(), EXAMPLE);
    }

    #[test]
    fn an_invalid_traceparent_starts_a_new_trace() {
        for bad in [
            "",
            "00",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ] {
            assert_eq!(bad.parse::<TraceContext>(), Err(InvalidTraceparent), "{bad}");
            let context = TraceContext::continued(Some(bad));
            assert_ne!(context.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        }
    }
}

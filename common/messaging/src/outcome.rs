//! The result of handling one event.

/// The result of handling one event. A reason is text for the log and for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The event is handled. Handling it again does no harm.
    Done,
    /// The event cannot be handled now, for this reason. The consumer decides when to retry.
    Retry(String),
    /// Only a newer release can handle the event, for this reason. The message waits for up to a day. This
    /// does not count as a failed attempt.
    Postpone(String),
    /// The event can never be handled, for this reason.
    Park(String),
}

//! The result of handling one event.

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is dealt with, and would be dealt with again without harm.
    Done,
    /// It cannot be dealt with now: a peer does not answer. The loop decides when to try again.
    Retry(String),
    /// A newer release can deal with it. It waits, for a day at most, and this is no failed attempt.
    Postpone(String),
    /// It can never be dealt with.
    Park(String),
}

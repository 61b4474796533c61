//! Moments at which a process may die, so that tests can have it die there. Used by every service and
//! worker that promises to lose nothing.
//!
//! Only a build with the feature `failpoints` knows them. There the variable `FAILPOINTS` says what
//! happens where, in the words of the crate `fail`: `relay.confirmed=20*off->return` ends the process
//! when it comes to that point for the 21st time, `relay.confirmed=1*sleep(3000)` holds one thread up.

/// A moment at which the process may die, named after what has just happened.
#[cfg(feature = "failpoints")]
pub fn point(name: &str) {
    arm();
    // As sudden as SIGKILL: no destructor runs, nothing is flushed, no socket says good-bye.
    fail::fail_point!(name, |_| std::process::abort());
}

/// A moment at which the process may die of what it reads: `consumer.delivered=return(deadly)` ends it
/// when the text contains "deadly".
#[cfg(feature = "failpoints")]
pub fn point_with(name: &str, text: &[u8]) {
    arm();
    fail::fail_point!(name, |marker: Option<String>| {
        let marker = marker.unwrap_or_default();
        if !marker.is_empty() && text.windows(marker.len()).any(|part| part == marker.as_bytes()) {
            std::process::abort();
        }
    });
}

#[cfg(feature = "failpoints")]
fn arm() {
    static ARMED: std::sync::Once = std::sync::Once::new();
    // Kept to the end of the process: dropping a scenario disarms its points.
    ARMED.call_once(|| std::mem::forget(fail::FailScenario::setup()));
}

/// A moment at which the process may die: nothing at all in this build.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub const fn point(_name: &str) {}

/// The same.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub const fn point_with(_name: &str, _text: &[u8]) {}

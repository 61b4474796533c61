//! Points at which tests can crash a process. Used by every service and worker that must lose no data.
//!
//! Only a build with the feature `failpoints` has them. The variable `FAILPOINTS` configures them, in the
//! syntax of the crate `fail`. `relay.confirmed=20*off->return` ends the process when it reaches that point
//! for the 21st time. `relay.confirmed=1*sleep(3000)` delays one thread.

/// A point at which the process can crash, named after the last step.
#[cfg(feature = "failpoints")]
pub fn point(name: &str) {
    arm();
    // As abrupt as SIGKILL: no destructor runs, nothing is flushed, and no socket is closed cleanly.
    fail::fail_point!(name, |_| std::process::abort());
}

/// A point at which the process can crash because of a text that it read. `consumer.delivered=return(deadly)`
/// ends the process if the text contains "deadly".
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
    // Kept until the process ends, because dropping a scenario disarms its points.
    ARMED.call_once(|| std::mem::forget(fail::FailScenario::setup()));
}

/// A point at which the process can crash. Does nothing in this build.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub const fn point(_name: &str) {}

/// A point at which the process can crash because of a text. Does nothing in this build.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub const fn point_with(_name: &str, _text: &[u8]) {}

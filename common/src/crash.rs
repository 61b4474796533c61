//! Moments at which a process may die, so that tests can have it die there. Used by every service and
//! worker that promises to lose nothing.
//!
//! Only a build with the feature `failpoints` knows them. There the variable `FAILPOINTS` says what
//! happens where, in the words of the crate `fail`: `relay.confirmed=20*off->return` ends the process
//! when it comes to that point for the 21st time, `relay.confirmed=1*sleep(3000)` holds one thread up.

/// A moment at which the process may die, named after what has just happened.
#[cfg(feature = "failpoints")]
pub fn point(name: &str) {
    static ARMED: std::sync::Once = std::sync::Once::new();
    // Kept to the end of the process: dropping a scenario disarms its points.
    ARMED.call_once(|| std::mem::forget(fail::FailScenario::setup()));
    // As sudden as SIGKILL: no destructor runs, nothing is flushed, no socket says good-bye.
    fail::fail_point!(name, |_| std::process::abort());
}

/// A moment at which the process may die: nothing at all in this build.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub const fn point(_name: &str) {}

//! Prints progress for people: the steps and their durations.

use std::time::Instant;

/// Prints a line like `println!`, but does not panic if the reader has closed the pipe (`./dev demo | head`).
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($line)*);
    }};
}
pub(crate) use say;

/// Prints a line to the standard error, but does not panic if the terminal was closed.
macro_rules! complain {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($line)*);
    }};
}
pub(crate) use complain;

/// Whether progress is shown. Tests hide it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Shown,
    Hidden,
}

impl Progress {
    /// Prints the start of a step.
    pub(crate) fn begin(self, what: &str) {
        if self == Self::Shown {
            say!("{what}");
        }
    }

    /// Prints the end of a step and its duration since `begun`.
    pub(crate) fn done(self, what: &str, detail: &str, begun: Instant) {
        if self == Self::Shown {
            let what = format!("{what} {detail}");
            say!("  {:<34} {:>5.1} s", what.trim_end(), begun.elapsed().as_secs_f64());
        }
    }
}

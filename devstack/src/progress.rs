//! Plain lines that tell people what has been done and how long it took.

use std::time::Instant;

/// Prints a line as `println!` does, but does not panic when nobody reads it any more (`./dev demo | head`).
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($line)*);
    }};
}
pub(crate) use say;

/// Prints a line to the standard error, and does not panic where that is a terminal that was closed.
macro_rules! complain {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($line)*);
    }};
}
pub(crate) use complain;

/// Whether progress is shown: to people it is, in tests it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Shown,
    Hidden,
}

impl Progress {
    /// Tells what begins.
    pub(crate) fn begin(self, what: &str) {
        if self == Self::Shown {
            say!("{what}");
        }
    }

    /// Tells what is ready, and since when it was waited for.
    pub(crate) fn done(self, what: &str, detail: &str, begun: Instant) {
        if self == Self::Shown {
            let what = format!("{what} {detail}");
            say!("  {:<34} {:>5.1} s", what.trim_end(), begun.elapsed().as_secs_f64());
        }
    }
}

//! Errors in one line, for log lines and reasons. The text of many errors names only the action that failed.
//! The cause is in their source.

use std::{error::Error, fmt};

/// An error with its causes: `error sending request: connection refused`.
pub struct Causes<'a>(pub &'a dyn Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

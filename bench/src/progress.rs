//! The progress on the standard error.

/// Prints progress to the standard error. The standard output has only the result.
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

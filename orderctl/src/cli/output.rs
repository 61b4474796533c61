//! Writes results and failures, as text for people or as JSON for programs.

use super::{
    failure::Failure,
    printable::{printable, printable_json},
    text::Text,
};
use chrono::{DateTime, Local, Utc};
use serde::Serialize;
use serde_json::json;
use std::{
    env,
    ffi::OsStr,
    io::{self, IsTerminal, Write},
};

/// The form of the output.
#[derive(Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    colours: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        let shows_colours = shows_colours(env::var_os("NO_COLOR").as_deref(), env::var_os("TERM").as_deref());
        Self { json, colours: !json && shows_colours && io::stdout().is_terminal() }
    }

    /// Writes a result as one JSON document, or as text.
    pub(crate) fn result<T: Serialize, R: Into<Text>>(
        self,
        value: &T,
        text: impl FnOnce(&T) -> R,
    ) -> io::Result<()> {
        if self.json {
            return write_json(&serde_json::to_string_pretty(value)?);
        }
        self.write(&text(value).into())
    }

    /// Writes one of several results as JSON on one line, or as text.
    pub(crate) fn record<T: Serialize, R: Into<Text>>(
        self,
        value: &T,
        text: impl FnOnce(&T) -> R,
    ) -> io::Result<()> {
        if self.json {
            return write_json(&serde_json::to_string(value)?);
        }
        self.write(&text(value).into())
    }

    fn write(self, text: &Text) -> io::Result<()> {
        write!(io::stdout(), "{}", text.render(self.colours))
    }

    /// Writes a remark for people to standard error.
    pub(crate) fn note(self, text: &str) {
        if !self.json {
            // There is no other place for the remark if the terminal is closed.
            let _ = writeln!(io::stderr(), "{}", printable(text));
        }
    }

    /// Writes the reason of a failure. The trace id helps with failures that only the services' logs explain.
    pub(crate) fn failure(self, failure: &Failure, trace_id: &str) {
        if failure.is_broken_pipe() {
            return;
        }
        let text = if self.json { failure_json(failure, trace_id) } else { failure_text(failure, trace_id) };
        let _ = writeln!(io::stderr(), "{text}");
    }
}

/// Writes JSON. Escapes characters that a terminal would hide; the meaning for programs is the same.
fn write_json(json: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{}", printable_json(json))
}

/// Whether to use colours. The user may disable them (<https://no-color.org>), and a `dumb` terminal has
/// none.
fn shows_colours(no_color: Option<&OsStr>, terminal: Option<&OsStr>) -> bool {
    no_color.is_none_or(OsStr::is_empty) && terminal.is_some_and(|name| !name.is_empty() && name != "dumb")
}

fn failure_json(failure: &Failure, trace_id: &str) -> String {
    let json = json!({
        "error": failure.to_string(),
        "exit_code": failure.exit_code(),
        "problem": failure.problem(),
        "trace_id": trace_id,
    });
    printable_json(&json.to_string())
}

fn failure_text(failure: &Failure, trace_id: &str) -> String {
    let text = format!("orderctl: {failure}");
    let mut lines: Vec<_> = text.lines().map(printable).collect();
    if let Some(problem) = failure.problem() {
        let fields = problem.errors.iter();
        lines.extend(
            fields.map(|field| format!("  {}: {}", printable(&field.pointer), printable(&field.detail))),
        );
        if problem.status >= 500 {
            lines.push(format!("  trace {trace_id}"));
        }
    }
    lines.join("\n")
}

/// Formats a time as local time. A time of another day includes the date.
pub(crate) fn moment(at: DateTime<Utc>) -> String {
    let at = at.with_timezone(&Local);
    let today = at.date_naive() == Local::now().date_naive();
    at.format(if today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::problems::FieldError;
    use contract::problems::ProblemDetails;
    use orderctl::Error;

    #[test]
    fn a_refusal_names_each_field() {
        let errors = vec![
            FieldError::new("/items/0/quantity", "from 1 to 1,000"),
            FieldError::new("/note", "too\x1b[2Jlong"),
        ];
        let failure = Failure::Call(Error::Refused(Box::new(ProblemDetails::validation(errors))));
        let expected = "orderctl: Some fields are not valid:\n  \
                        /items/0/quantity: from 1 to 1,000\n  /note: too\\u{1b}[2Jlong";
        assert_eq!(failure_text(&failure, "t"), expected);
        let json: serde_json::Value = serde_json::from_str(&failure_json(&failure, "t")).unwrap();
        assert_eq!(json["exit_code"], 1);
        assert_eq!(json["problem"]["errors"][0]["pointer"], "/items/0/quantity");
    }

    #[test]
    fn colours_are_for_terminals_that_show_them() {
        let shows = |no_color: Option<&str>, terminal: Option<&str>| {
            shows_colours(no_color.map(OsStr::new), terminal.map(OsStr::new))
        };
        assert!(shows(None, Some("xterm-256color")) && shows(Some(""), Some("xterm")));
        assert!(!shows(Some("1"), Some("xterm")) && !shows(None, Some("dumb")) && !shows(None, None));
    }

    #[test]
    fn a_moment_of_another_day_shows_the_date() {
        assert_eq!(moment(Utc::now()).len(), "14:03:07".len());
        assert_eq!(moment("2001-02-03T12:00:00Z".parse().unwrap()).len(), "2001-02-03 12:00".len());
    }
}

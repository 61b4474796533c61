//! Handles an invalid command line, and `--help`.

use super::{failure::Failure, output::Output};
use clap::{Error, error::ErrorKind};
use std::{env, ffi::OsString, process::ExitCode};

/// Prints the help, the version, or the reason why the command line is not valid.
pub(crate) fn end(error: &Error, trace_id: &str) -> ExitCode {
    if error.use_stderr() && wants_json(env::args_os()) {
        let failure = Failure::Usage(sentence(error));
        Output::new(true).failure(&failure, trace_id);
        return failure.exit_code().into();
    }
    // There is no other place for the message if the terminal is closed.
    let _ = error.print();
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Searches for the flag, because the command line could not be parsed.
fn wants_json(arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.take_while(|argument| argument != "--").any(|argument| argument == "--json")
}

/// clap's message without the usage and the hint to `--help`.
fn sentence(error: &Error) -> String {
    if matches!(
        error.kind(),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        return "a command is missing; `orderctl --help` lists the commands".to_owned();
    }
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim);
    let lines =
        lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"));
    let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    text.strip_prefix("error: ").unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{super::Cli, *};
    use clap::Parser;

    fn sentence_of(arguments: &[&str]) -> String {
        let Err(error) = Cli::try_parse_from([&["orderctl"], arguments].concat()) else {
            panic!("{arguments:?}")
        };
        sentence(&error)
    }

    #[test]
    fn usage_errors_are_one_sentence() {
        assert_eq!(
            sentence_of(&["place", "--pay", "pm_card_visa"]),
            "the following required arguments were not provided: --item <SKU-OR-ID[:QUANTITY]>"
        );
        assert!(
            sentence_of(&["orders", "--status", "paidd"]).ends_with("tip: a similar value exists: 'paid'")
        );
        assert_eq!(sentence_of(&["--json"]), "a command is missing; `orderctl --help` lists the commands");
        for bad in [&["show", "nope"][..], &["orders", "--limit", "x"], &["nope"], &["--url", "x", "logout"]]
        {
            let sentence = sentence_of(bad);
            assert!(!sentence.contains('\n') && !sentence.contains("Usage"), "{sentence}");
        }
    }

    #[test]
    fn the_json_flag_is_ignored_after_a_double_dash() {
        let wants = |arguments: &[&str]| wants_json(arguments.iter().map(OsString::from));
        assert!(wants(&["orderctl", "show", "nope", "--json"]));
        assert!(!wants(&["orderctl", "show", "--", "--json"]) && !wants(&["orderctl"]));
    }
}

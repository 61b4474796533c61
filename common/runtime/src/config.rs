//! Reading settings. Used by the `main` of every service and worker.

use clap::{
    Command, Error, Parser,
    error::{ContextKind, ContextValue},
};

/// Reads flags and variables. A bad or missing one ends the process with one line that names it.
#[must_use]
pub fn parse<C: Parser>() -> C {
    C::try_parse().unwrap_or_else(|error| {
        if !error.use_stderr() {
            error.exit() // `--help` or `--version`
        }
        let mut command = C::command();
        command.build(); // Only then do arguments know how they are written.
        eprintln!("{}: {}", command.get_name(), one_line(&error, &command));
        std::process::exit(error.exit_code())
    })
}

/// clap's message without its usage and tips, which `--help` tells better: its first paragraph. It
/// names flags; services are mostly told by variables, so those are named first.
fn one_line(error: &Error, command: &Command) -> String {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let words = text.split("\n\n").next().unwrap_or_default().split_whitespace();
    let line = words.collect::<Vec<_>>().join(" ");
    let line = command.get_arguments().fold(line, |line, argument| match argument.get_env() {
        Some(variable) => line.replace(&argument.to_string(), &variable.to_string_lossy()),
        None => line,
    });
    format!("{} (see --help)", without_secret(line, error, command))
}

/// A value that `--help` does not show may hold a password, and is not for the log either. Nor is a URL with a user.
fn without_secret(line: String, error: &Error, command: &Command) -> String {
    let (Some(ContextValue::String(argument)), Some(ContextValue::String(value))) =
        (error.get(ContextKind::InvalidArg), error.get(ContextKind::InvalidValue))
    else {
        return line;
    };
    let secret =
        command.get_arguments().any(|known| known.is_hide_env_values_set() && known.to_string() == *argument);
    if secret || value.contains('@') {
        line.replace(&format!("invalid value '{value}'"), "invalid value")
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use std::net::SocketAddr;

    #[derive(Debug, Parser)]
    struct Config {
        #[arg(long)]
        listen: SocketAddr,
        #[arg(long)]
        key_file: String,
        #[arg(long, env = "THE_DATABASE_URL", hide_env_values = true, value_parser = parse_url)]
        database_url: String,
    }

    fn parse_url(text: &str) -> Result<String, &'static str> {
        text.contains("://").then(|| text.to_owned()).ok_or("that is no URL")
    }

    fn complaint(flags: &[&str]) -> String {
        let mut command = Config::command();
        command.build();
        one_line(&Config::try_parse_from([&["x"], flags].concat()).unwrap_err(), &command)
    }

    #[test]
    fn says_in_one_line_what_is_wrong() {
        assert_eq!(
            complaint(&["--listen", "here", "--key-file", "x", "--database-url", "a://b"]),
            "invalid value 'here' for '--listen <LISTEN>': invalid socket address syntax (see --help)"
        );
        assert_eq!(
            complaint(&[]),
            "the following required arguments were not provided: --listen <LISTEN> --key-file <KEY_FILE> THE_DATABASE_URL (see --help)"
        );
        assert_eq!(
            complaint(&["--listen", "[::1]:1", "--key-file", "x", "--database-url", "user:password@host"]),
            "invalid value for 'THE_DATABASE_URL': that is no URL (see --help)"
        );
        assert_eq!(
            complaint(&["--listen", "user:password@host", "--key-file", "x", "--database-url", "a://b"]),
            "invalid value for '--listen <LISTEN>': invalid socket address syntax (see --help)"
        );
        assert_eq!(complaint(&["--colour"]), "unexpected argument '--colour' found (see --help)");
    }
}

//! Reads the settings of a process. Used by the `main` of every service and worker.

use clap::{
    Command, Error, Parser,
    error::{ContextKind, ContextValue},
};

/// Reads flags and variables. If one is bad or missing, the process ends with one line that names it.
#[must_use]
pub fn parse<C: Parser>() -> C {
    C::try_parse().unwrap_or_else(|error| {
        if !error.use_stderr() {
            error.exit() // `--help` or `--version`
        }
        let mut command = C::command();
        command.build(); // Needed before an argument can be printed.
        eprintln!("{}: {}", command.get_name(), one_line(&error, &command));
        std::process::exit(error.exit_code())
    })
}

/// The first paragraph of clap's message, without usage and tips. `--help` shows those better. clap names
/// flags, but services are mostly configured with variables. So this line names the variable, if there is
/// one.
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

/// Removes a value that may contain a password, because the line may go to a log. These are the values that
/// `--help` hides, and URLs with a user.
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
        text.contains("://").then(|| text.to_owned()).ok_or("not a URL")
    }

    fn error_line(flags: &[&str]) -> String {
        let mut command = Config::command();
        command.build();
        one_line(&Config::try_parse_from([&["x"], flags].concat()).unwrap_err(), &command)
    }

    #[test]
    fn an_error_is_one_line_that_names_the_setting() {
        assert_eq!(
            error_line(&["--listen", "here", "--key-file", "x", "--database-url", "a://b"]),
            "invalid value 'here' for '--listen <LISTEN>': invalid socket address syntax (see --help)"
        );
        assert_eq!(
            error_line(&[]),
            "the following required arguments were not provided: --listen <LISTEN> --key-file <KEY_FILE> THE_DATABASE_URL (see --help)"
        );
        assert_eq!(
            error_line(&["--listen", "[::1]:1", "--key-file", "x", "--database-url", "user:password@host"]),
            "invalid value for 'THE_DATABASE_URL': not a URL (see --help)"
        );
        assert_eq!(
            error_line(&["--listen", "user:password@host", "--key-file", "x", "--database-url", "a://b"]),
            "invalid value for '--listen <LISTEN>': invalid socket address syntax (see --help)"
        );
        assert_eq!(error_line(&["--colour"]), "unexpected argument '--colour' found (see --help)");
    }
}

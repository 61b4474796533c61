//! Reading settings. Used by the `main` of every service and worker.

use clap::{Error, Parser};

/// Reads flags and variables. A bad or missing one ends the process with one line that names it.
#[must_use]
pub fn parse<C: Parser>() -> C {
    C::try_parse().unwrap_or_else(|error| {
        if !error.use_stderr() {
            error.exit() // `--help` or `--version`
        }
        eprintln!("{}: {}", C::command().get_name(), one_line(&error));
        std::process::exit(error.exit_code())
    })
}

/// clap's message without its usage and tips, which `--help` tells better: its first paragraph.
fn one_line(error: &Error) -> String {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let words = text.split("\n\n").next().unwrap_or_default().split_whitespace();
    format!("{} (see --help)", words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;

    #[derive(Debug, Parser)]
    struct Config {
        #[arg(long)]
        listen: SocketAddr,
        #[arg(long)]
        key_file: String,
    }

    fn complaint(flags: &[&str]) -> String {
        one_line(&Config::try_parse_from([&["x"], flags].concat()).unwrap_err())
    }

    #[test]
    fn says_in_one_line_what_is_wrong() {
        assert_eq!(
            complaint(&["--listen", "here", "--key-file", "x"]),
            "invalid value 'here' for '--listen <LISTEN>': invalid socket address syntax (see --help)"
        );
        assert_eq!(
            complaint(&[]),
            "the following required arguments were not provided: --listen <LISTEN> --key-file <KEY_FILE> (see --help)"
        );
        assert_eq!(complaint(&["--colour"]), "unexpected argument '--colour' found (see --help)");
    }
}

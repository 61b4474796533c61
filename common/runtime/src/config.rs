//! Reads the settings of a process. Used by the `main` of every service and worker.

use clap::{
    Arg, Command, Error, Parser,
    error::{ContextKind, ContextValue, ErrorKind},
};
use contract::money::Currency;
use reqwest::Url;

/// Reads flags and variables. If a setting is invalid or missing, the process prints one line and exits. The
/// line names the setting and shows a valid value.
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

/// Describes the error and each setting in it. clap names the flag of a setting, but most services are
/// configured with variables. So this line names the variable if the setting has one.
fn one_line(error: &Error, command: &Command) -> String {
    let named = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(one)) => vec![one.as_str()],
        Some(ContextValue::Strings(several)) => several.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let settings = command.get_arguments().filter(|known| named.contains(&known.to_string().as_str()));
    let mut sentences = vec![match error.kind() {
        ErrorKind::MissingRequiredArgument => "a required setting is missing".to_owned(),
        _ => without_secret(problem(error, command), error, command),
    }];
    sentences.extend(settings.map(description));
    sentences.push("See --help.".to_owned());
    sentences.join(". ")
}

/// The first paragraph of clap's message, without usage and tips.
fn problem(error: &Error, command: &Command) -> String {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let words = text.split("\n\n").next().unwrap_or_default().split_whitespace();
    let line = words.collect::<Vec<_>>().join(" ");
    command.get_arguments().fold(line, |line, argument| line.replace(&argument.to_string(), &name(argument)))
}

/// The name of a setting with the first sentence of its help and its default. The help of a setting without a
/// default contains an example.
fn description(setting: &Arg) -> String {
    let help = setting.get_help().map(ToString::to_string).unwrap_or_default();
    let sentence = help.split(". ").next().unwrap_or_default().trim_end_matches('.');
    let default = setting.get_default_values().first().map(|value| value.to_string_lossy());
    let default = default.map(|value| format!(" (default: {value})")).unwrap_or_default();
    format!("{}: {sentence}{default}", name(setting))
}

/// The variable of a setting, or its flag if it has no variable.
fn name(setting: &Arg) -> String {
    setting.get_env().map_or_else(|| setting.to_string(), |variable| variable.to_string_lossy().into_owned())
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

/// Parses the URL of an HTTP server.
pub fn http_url(text: &str) -> Result<Url, &'static str> {
    let url = text.parse().ok().filter(|url: &Url| matches!(url.scheme(), "http" | "https"));
    url.ok_or("expected http://host:port or https://host")
}

/// Parses the currency of a shop. It has a minor unit, because prices need one.
pub fn shop_currency(code: &str) -> Result<Currency, String> {
    let currency: Currency = code.parse().map_err(|error| format!("{error}"))?;
    match currency.assigned_digits() {
        Some(_) => Ok(currency),
        None => Err(format!(
            "{code} is not a currency of ISO 4217 with a minor unit; expected a code such as EUR"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use std::net::SocketAddr;

    #[derive(Debug, Parser)]
    struct Config {
        /// The address to listen on. All addresses are `0.0.0.0`.
        #[arg(long, env = "THE_ADDRESS", default_value = "127.0.0.1:80")]
        listen: SocketAddr,
        /// The file with the key
        #[arg(long)]
        key_file: String,
        /// The database, as `a://b`.
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
    fn an_error_is_one_line_that_names_the_setting_and_a_good_value() {
        assert_eq!(
            error_line(&["--listen", "here", "--key-file", "x", "--database-url", "a://b"]),
            "invalid value 'here' for 'THE_ADDRESS': invalid socket address syntax. THE_ADDRESS: The address to listen on (default: 127.0.0.1:80). See --help."
        );
        assert_eq!(
            error_line(&[]),
            "a required setting is missing. --key-file <KEY_FILE>: The file with the key. THE_DATABASE_URL: The database, as `a://b`. See --help."
        );
        assert_eq!(error_line(&["--colour"]), "unexpected argument '--colour' found. See --help.");
    }

    #[test]
    fn an_error_never_shows_a_password() {
        assert_eq!(
            error_line(&["--listen", "[::1]:1", "--key-file", "x", "--database-url", "user:password@host"]),
            "invalid value for 'THE_DATABASE_URL': not a URL. THE_DATABASE_URL: The database, as `a://b`. See --help."
        );
        let line =
            error_line(&["--listen", "user:password@host", "--key-file", "x", "--database-url", "a://b"]);
        assert!(line.starts_with("invalid value for 'THE_ADDRESS': "), "{line}");
    }

    #[test]
    fn only_currencies_with_a_minor_unit_are_accepted() {
        for code in ["EUR", "HUF", "KWD"] {
            assert_eq!(shop_currency(code).unwrap().as_str(), code);
        }
        for code in ["", "eur", "XYZ", "XXX", "SLL", "DEM"] {
            assert!(shop_currency(code).is_err(), "{code}");
        }
    }

    #[test]
    fn the_url_of_a_server_has_the_scheme_of_http() {
        assert_eq!(http_url("https://shop.example.com/").unwrap().host_str(), Some("shop.example.com"));
        for bad in ["", "nowhere", "localhost:8081", "ftp://localhost", "http://"] {
            assert!(http_url(bad).is_err(), "{bad}");
        }
    }
}

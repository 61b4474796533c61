//! The settings of this program. `--help` is the reference.

use crate::{signing::TokenSettings, staff::StaffAccount};
use chrono::TimeDelta;
use clap::{Parser, ValueEnum};
use runtime::telemetry::LogOptions;
use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf};
use storage::DatabaseUrl;

/// Accounts, logins and tokens of Orderflow. The only service that signs JWTs.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Config {
    /// The address and port to listen on.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8081")]
    pub(crate) listen: SocketAddr,

    /// The PostgreSQL database, as `postgres://user:password@host:5432/users`.
    #[arg(long, env = "USERS_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: DatabaseUrl,

    /// `production` or `development`. In development the service creates a missing signing key.
    #[arg(long, env = "APP_ENV", default_value = "production")]
    pub(crate) app_env: Environment,

    /// The file with the key that signs tokens, such as `signing-key.pem`: Ed25519, PKCS#8 in PEM. Every replica
    /// needs the same key.
    #[arg(long, env = "SIGNING_KEY_FILE")]
    pub(crate) signing_key_file: PathBuf,

    /// Files of further keys in the same form, separated by commas. These keys only verify tokens. Use it
    /// for the next key before its first use, and for the previous key until its tokens expire.
    /// docs/KEYS.md has the steps.
    #[arg(long, env = "PUBLISHED_KEY_FILES", value_delimiter = ',')]
    pub(crate) published_key_files: Vec<String>,

    /// The `iss` of tokens.
    #[arg(long, env = "TOKEN_ISSUER", default_value = "orderflow")]
    pub(crate) token_issuer: String,

    /// The `aud` of tokens.
    #[arg(long, env = "TOKEN_AUDIENCE", default_value = "orderflow")]
    pub(crate) token_audience: String,

    /// The lifetime of an access token in seconds.
    #[arg(long, env = "ACCESS_TOKEN_SECONDS", default_value = "900", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) access_token_seconds: u32,

    /// The time in seconds after which an unused login expires. The default is 30 days.
    #[arg(long, env = "REFRESH_TOKEN_SECONDS", default_value = "2592000", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) refresh_token_seconds: u32,

    /// The cost of bcrypt. Each step doubles the time of a login. Do not lower it. A wrong password would take
    /// longer for an account with an old hash, and that time would show that the account exists.
    #[arg(long, env = "BCRYPT_COST", default_value = "12", value_parser = clap::value_parser!(u32).range(4..=16))]
    pub(crate) bcrypt_cost: u32,

    /// The name of the first staff user. The service creates or updates this user at the start.
    /// Requires `STAFF_EMAIL` and `STAFF_PASSWORD`.
    #[arg(long, env = "STAFF_USERNAME")]
    pub(crate) staff_username: Option<String>,

    /// The e-mail address of the first staff user.
    #[arg(long, env = "STAFF_EMAIL")]
    pub(crate) staff_email: Option<String>,

    /// The password of the first staff user.
    #[arg(long, env = "STAFF_PASSWORD", hide_env_values = true)]
    pub(crate) staff_password: Option<String>,

    /// The services that may ask for tokens: `[{"id":"…","secret":"…","scopes":["orders:stock"]}]`.
    #[arg(long, env = "SERVICE_CLIENTS", default_value = "[]", hide_env_values = true)]
    pub(crate) service_clients: String,

    /// The number of logins that one address may try per minute.
    #[arg(long, env = "LOGIN_PER_MINUTE", default_value = "60")]
    pub(crate) login_per_minute: NonZeroU32,

    /// The number of registrations that one address may try per minute.
    #[arg(long, env = "REGISTER_PER_MINUTE", default_value = "30")]
    pub(crate) register_per_minute: NonZeroU32,

    /// The path of `/session` as browsers see it, behind the gateway. Browsers send the refresh token
    /// only to this path.
    #[arg(long, env = "SESSION_COOKIE_PATH", default_value = "/api/session", value_parser = cookie_path)]
    pub(crate) session_cookie_path: String,

    /// The name of the cookie with a browser's refresh token. Cookies ignore ports, so two shops on one
    /// host name need two cookie names.
    #[arg(long, env = "SESSION_COOKIE_NAME", default_value = "__Secure-session", value_parser = cookie_name)]
    pub(crate) session_cookie_name: String,

    /// Take a caller's address from the last entry of `X-Forwarded-For`. Set this only if all requests
    /// pass through a gateway that adds this entry.
    #[arg(long, env = "TRUST_FORWARDED_FOR")]
    pub(crate) trust_forwarded_for: bool,

    /// The settings of the log.
    #[command(flatten)]
    pub(crate) log: LogOptions,
}

/// The environment that the service runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Environment {
    /// A missing signing key is an error.
    Production,
    /// The service creates a missing signing key.
    Development,
}

/// Why the settings of the staff user are invalid.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StaffError {
    /// Some of the three variables are missing.
    #[error("set all three or none of STAFF_USERNAME, STAFF_EMAIL and STAFF_PASSWORD")]
    Incomplete,
    /// A variable whose value registration would refuse.
    #[error("{0}: {1}")]
    Invalid(&'static str, String),
}

impl Config {
    /// The settings for tokens.
    pub(crate) fn tokens(&self) -> TokenSettings {
        TokenSettings {
            issuer: self.token_issuer.clone(),
            audience: self.token_audience.clone(),
            lifetime: self.access_token_seconds.into(),
        }
    }

    /// The time after which an unused login expires.
    pub(crate) fn session_lifetime(&self) -> TimeDelta {
        TimeDelta::seconds(self.refresh_token_seconds.into())
    }

    /// The first staff user, if the settings name one. An empty variable counts as not set, because a
    /// Compose file passes an unset variable as an empty one.
    pub(crate) fn staff(&self) -> Result<Option<StaffAccount>, StaffError> {
        let [username, email, password] = [&self.staff_username, &self.staff_email, &self.staff_password]
            .map(|value| value.as_deref().filter(|text| !text.is_empty()));
        match (username, email, password) {
            (None, None, None) => Ok(None),
            (Some(username), Some(email), Some(password)) => Ok(Some(StaffAccount {
                username: parsed("STAFF_USERNAME", username.parse())?,
                email: parsed("STAFF_EMAIL", email.parse())?,
                password: parsed("STAFF_PASSWORD", password.parse())?,
            })),
            _ => Err(StaffError::Incomplete),
        }
    }
}

fn parsed<T, E: std::error::Error>(name: &'static str, outcome: Result<T, E>) -> Result<T, StaffError> {
    outcome.map_err(|error| StaffError::Invalid(name, error.to_string()))
}

/// Parses the path of the cookie. A `;` would begin another attribute (RFC 6265, 4.1.1).
fn cookie_path(text: &str) -> Result<String, &'static str> {
    let good = text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';');
    good.then(|| text.to_owned()).ok_or("expected a path such as /api/session")
}

/// Parses the name of the cookie. Browsers accept this prefix only over a secure connection, so an
/// attacker in the network cannot set such a cookie (RFC 6265bis, 4.1.3.1).
fn cookie_name(text: &str) -> Result<String, &'static str> {
    let rest = text.strip_prefix("__Secure-").unwrap_or_default();
    let good =
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    good.then(|| text.to_owned())
        .ok_or("expected __Secure- and letters, digits, `-` or `_`, such as __Secure-session")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn config(flags: &[&str]) -> Config {
        let needed = ["user-service", "--database-url", "postgres://x", "--signing-key-file", "key.pem"];
        Config::try_parse_from(needed.iter().chain(flags)).unwrap()
    }

    fn refused(flags: &[&str]) -> String {
        config(flags).staff().err().unwrap().to_string()
    }

    #[test]
    fn flags_are_consistent() {
        Config::command().debug_assert();
    }

    #[test]
    fn a_cookie_path_starts_with_a_slash_and_holds_no_attribute() {
        assert_eq!(cookie_path("/session").as_deref(), Ok("/session"));
        for bad in ["", "session", "/a; Domain=example.com", "/a b", "/\n"] {
            assert!(cookie_path(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_cookie_name_needs_the_secure_prefix() {
        assert_eq!(cookie_name("__Secure-session-8080").as_deref(), Ok("__Secure-session-8080"));
        for bad in ["", "session", "__Secure-", "__Secure-a=b", "__Secure-a;b", "__Secure-a b", "__Secure-\n"]
        {
            assert!(cookie_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_staff_user_needs_all_three_variables_or_none() {
        assert!(config(&[]).staff().unwrap().is_none());
        let empty = ["--staff-username", "", "--staff-email", "", "--staff-password", ""];
        assert!(config(&empty).staff().unwrap().is_none());
        assert!(refused(&["--staff-username", "root"]).contains("all three or none"));

        let whole = |password| {
            ["--staff-username", "root", "--staff-email", "root@example.com", "--staff-password", password]
        };
        assert!(config(&whole("long enough")).staff().unwrap().is_some());
        let error = refused(&whole("short"));
        assert_eq!(error, "STAFF_PASSWORD: use at least 8 characters");
    }
}

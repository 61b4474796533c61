//! The URL of a database. It may name several servers, in the syntax of libpq.

use sqlx::postgres::PgConnectOptions;
use std::{fmt, str::FromStr};

/// `postgres://user:password@host1:5432,host2:5432/database?target_session_attrs=read-write`
/// ([libpq](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS)).
///
/// Only one of several servers accepts writes, and every program here writes. So `read-write` is always
/// implied.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    /// `user:password@`, or empty.
    user: String,
    /// The hosts, with their ports if the URL has them.
    hosts: Vec<String>,
    database: String,
    /// The parameters, such as `sslmode=require`, except `target_session_attrs`.
    parameters: Vec<String>,
}

/// Why a text is not the URL of a database. It never repeats the text, which may hold a password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// The scheme is missing or is another one.
    #[error("it does not start with postgres://")]
    Scheme,
    /// The list of hosts has an empty entry.
    #[error("a host is missing between two commas")]
    Host,
    /// The name of the database contains a second URL or a part of one.
    #[error(
        "the name of the database cannot contain `/`, `:`, `@` or `,`; several hosts are written host1,host2"
    )]
    Database,
    /// The URL asks for a server that does not accept writes.
    #[error("target_session_attrs must be read-write, because the program writes")]
    SessionAttributes,
    /// Another part of the URL is not valid.
    #[error("{0}")]
    Part(String),
}

impl FromStr for DatabaseUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        let rest = rest.ok_or(InvalidUrl::Scheme)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (format!("{user}@"), hosts),
            None => (String::new(), authority),
        };
        if database.contains(['/', ':', '@', ',']) {
            return Err(InvalidUrl::Database);
        }
        let hosts: Vec<_> = hosts.split(',').map(str::to_owned).collect();
        if hosts.len() > 1 && hosts.iter().any(String::is_empty) {
            return Err(InvalidUrl::Host);
        }
        let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
        let (attributes, parameters): (Vec<_>, Vec<_>) =
            parameters.map(str::to_owned).partition(|parameter| parameter.starts_with(SESSION_ATTRIBUTES));
        let writes = |attribute: &String| {
            ["read-write", "primary", "any"].iter().any(|value| attribute.ends_with(&format!("={value}")))
        };
        if !attributes.iter().all(writes) {
            return Err(InvalidUrl::SessionAttributes);
        }
        let url = Self { user, hosts, database: database.to_owned(), parameters };
        url.servers()?;
        Ok(url)
    }
}

const SESSION_ATTRIBUTES: &str = "target_session_attrs=";

impl DatabaseUrl {
    /// The same URL for another database.
    #[must_use]
    pub fn with_database(self, database: &str) -> Self {
        Self { database: database.to_owned(), ..self }
    }

    /// The same URL for another user. `user` and `password` must consist of letters, digits, `_` and `-`.
    #[must_use]
    pub fn with_user(self, user: &str, password: &str) -> Self {
        Self { user: format!("{user}:{password}@"), ..self }
    }

    /// The connection options of each server, in the order of the URL. There is at least one.
    pub fn servers(&self) -> Result<Vec<PgConnectOptions>, InvalidUrl> {
        self.hosts.iter().map(|host| self.server(host)).collect()
    }

    fn server(&self, host: &str) -> Result<PgConnectOptions, InvalidUrl> {
        let url = self.of_hosts(host);
        let options = PgConnectOptions::from_str(&url).map_err(|error| InvalidUrl::Part(reason(&error)))?;
        // sqlx keeps the brackets of an IPv6 address, and then looks for a host of that name.
        let literal = options.get_host().strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        Ok(match literal.map(str::to_owned) {
            Some(address) => options.host(&address),
            None => options,
        })
    }

    /// The whole URL, with its password.
    #[must_use]
    pub fn reveal(&self) -> String {
        self.of_hosts(&self.hosts.join(","))
    }

    /// The URL of each server alone, with its password.
    #[must_use]
    pub fn reveal_each(&self) -> Vec<String> {
        self.hosts.iter().map(|host| self.of_hosts(host)).collect()
    }

    fn of_hosts(&self, hosts: &str) -> String {
        let Self { user, database, parameters, .. } = self;
        let mut url = format!("postgres://{user}{hosts}/{database}");
        for (index, parameter) in parameters.iter().enumerate() {
            url.push(if index == 0 { '?' } else { '&' });
            url.push_str(parameter);
        }
        url
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "postgres://…@{}/{}", self.hosts.join(","), self.database)
    }
}

/// The error's message without the words that sqlx puts before it.
fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Configuration(reason) => reason.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(url: &str) -> Vec<(String, u16)> {
        let url: DatabaseUrl = url.parse().unwrap();
        let servers = url.servers().unwrap();
        servers.iter().map(|server| (server.get_host().to_owned(), server.get_port())).collect()
    }

    #[test]
    fn a_url_names_one_server_or_several() {
        let one = |host: &str, port| (host.to_owned(), port);
        assert_eq!(addresses("postgres://ada:word@db/orders"), [one("db", 5432)]);
        assert_eq!(
            addresses("postgresql://ada:word@db1:5433,db2,[::1]:5434/orders?target_session_attrs=read-write"),
            [one("db1", 5433), one("db2", 5432), one("::1", 5434)]
        );
        assert_eq!(addresses("postgres://ada:w%40rd@[::1]:5433/orders"), [one("::1", 5433)]);
    }

    #[test]
    fn every_server_gets_the_user_the_database_and_the_parameters() {
        let url = "postgres://ada:word@db1,db2/orders?target_session_attrs=primary&sslmode=require";
        let url: DatabaseUrl = url.parse().unwrap();
        for server in url.servers().unwrap() {
            assert_eq!((server.get_username(), server.get_database()), ("ada", Some("orders")));
            assert!(matches!(server.get_ssl_mode(), sqlx::postgres::PgSslMode::Require));
        }
        let other = url.with_database("users").with_user("grace", "secret");
        assert_eq!(other.reveal(), "postgres://grace:secret@db1,db2/users?sslmode=require");
        assert_eq!(other.reveal_each()[1], "postgres://grace:secret@db2/users?sslmode=require");
        assert_eq!(format!("{other:?}"), "postgres://…@db1,db2/users");
    }

    #[test]
    fn a_bad_url_is_refused_without_repeating_its_password() {
        for bad in [
            "nowhere",
            "mysql://ada:word@db/orders",
            "postgres://ada:word@db1,,db2/orders",
            "postgres://ada:word@db:port/orders",
            "postgres://ada:word@db1/orders,postgres://ada:word@db2/orders",
            "postgres://ada:word@db1,postgres://ada:word@db2/orders",
            "postgres://ada:word@db1,db2/orders?target_session_attrs=standby",
            "postgres://ada:word@db/orders?sslmode=perhaps",
        ] {
            let error = bad.parse::<DatabaseUrl>().unwrap_err();
            assert!(!error.to_string().contains("word"), "{bad}: {error}");
        }
    }
}

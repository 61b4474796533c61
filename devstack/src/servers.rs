//! PostgreSQL and RabbitMQ: private servers, or those that `POSTGRES_URL` and `AMQP_URL` name.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use reqwest::Url;
use storage::DatabaseUrl;

use crate::broker::Broker;
use crate::postgres::Postgres;
use crate::progress::Progress;
use crate::rabbitmq::RabbitMq;
use crate::slot::Slot;
use crate::{instance::Folder, secrets::Secrets};

/// The variable with the URL of an existing PostgreSQL server, or of several servers in the form of libpq.
/// The user must be able to create databases. If the user can create users, each service gets its own user.
pub const POSTGRES_URL: &str = "POSTGRES_URL";
/// The variable with the URL of an existing RabbitMQ broker. The user must be able to create virtual hosts.
/// For a cluster, it has the URL of each node, separated by commas.
pub const AMQP_URL: &str = "AMQP_URL";
/// The variable with the URL of that broker's management console. The default is port 15672 of the same host.
pub const AMQP_MANAGEMENT_URL: &str = "AMQP_MANAGEMENT_URL";

/// The variable with the age of that broker's message counts in seconds, if the broker does not have its
/// default settings.
pub const AMQP_COUNTS_SECONDS: &str = "AMQP_COUNTS_SECONDS";

/// Quorum queues of a private broker report their depth every second.
const PRIVATE_COUNTS_AGE: Duration = Duration::from_secs(2);
/// By default, quorum queues report their depth every five seconds.
const DEFAULT_COUNTS_AGE: Duration = Duration::from_secs(6);

/// A PostgreSQL server and a RabbitMQ broker that stacks can share.
#[derive(Debug)]
pub struct Servers {
    postgres: Source<Postgres, DatabaseUrl>,
    rabbitmq: Source<RabbitMq, OutsideBroker>,
}

#[derive(Debug)]
enum Source<P, O> {
    Private(P),
    Outside(O),
}

#[derive(Debug)]
struct OutsideBroker {
    /// The AMQP URLs of the nodes. There is at least one.
    nodes: Vec<Url>,
    management: Url,
}

impl Servers {
    /// Uses the servers that the environment names. If a server is not named, starts a private one in this
    /// folder.
    pub(crate) async fn start(folder: &Folder, secrets: &Secrets, progress: Progress) -> Result<Self> {
        let postgres = async {
            let begun = Instant::now();
            if let Some(url) = outside_postgres()? {
                progress.done("PostgreSQL", "of POSTGRES_URL", begun);
                return Ok(Source::Outside(url));
            }
            let server = Postgres::start_in(folder, &secrets.postgres).await?;
            progress.done("PostgreSQL", &server.version().to_string(), begun);
            anyhow::Ok(Source::Private(server))
        };
        let rabbitmq = async {
            let begun = Instant::now();
            if let Some(broker) = outside_rabbitmq()? {
                progress.done("RabbitMQ", "of AMQP_URL", begun);
                return Ok(Source::Outside(broker));
            }
            let broker = RabbitMq::start_in(folder, &secrets.rabbitmq).await?;
            let detail = if broker.was_moved() { "(reset: folder moved)" } else { "" };
            progress.done("RabbitMQ", detail, begun);
            anyhow::Ok(Source::Private(broker))
        };
        let (postgres, rabbitmq) = tokio::try_join!(postgres, rabbitmq)?;
        Ok(Self { postgres, rabbitmq })
    }

    /// Starts private servers in this folder, regardless of the environment. For tests that kill and restart
    /// servers.
    pub async fn start_private(folder: &Folder) -> Result<Self> {
        folder.create()?;
        let secrets = Secrets::of(folder)?;
        let (postgres, rabbitmq) = tokio::try_join!(
            Postgres::start_in(folder, &secrets.postgres),
            RabbitMq::start_in(folder, &secrets.rabbitmq)
        )?;
        Ok(Self { postgres: Source::Private(postgres), rabbitmq: Source::Private(rabbitmq) })
    }

    /// Starts a private PostgreSQL server whose cluster is created with these options of `initdb`. Uses the
    /// broker that the environment names.
    pub async fn with_cluster(folder: &Folder, options: &[&str]) -> Result<Self> {
        folder.create()?;
        let postgres = Postgres::start_with(folder, &Secrets::of(folder)?.postgres, options).await?;
        Ok(Self { postgres: Source::Private(postgres), ..Self::from_env()? })
    }

    /// Uses the servers that the environment names. `./dev test` sets the variables.
    pub fn from_env() -> Result<Self> {
        const HINT: &str = "is not set; `./dev test` sets it";
        let postgres = outside_postgres()?.with_context(|| format!("{POSTGRES_URL} {HINT}"))?;
        let rabbitmq = outside_rabbitmq()?.with_context(|| format!("{AMQP_URL} {HINT}"))?;
        Ok(Self { postgres: Source::Outside(postgres), rabbitmq: Source::Outside(rabbitmq) })
    }

    /// The private PostgreSQL server, which can be killed and started. Fails if the server is not private.
    pub fn postgres(&self) -> Result<&Postgres> {
        match &self.postgres {
            Source::Private(server) => Ok(server),
            Source::Outside(_) => bail!("the PostgreSQL server is not private and cannot be stopped"),
        }
    }

    /// The private RabbitMQ broker, which can be killed and started. Fails if the broker is not private.
    pub fn rabbitmq(&self) -> Result<&RabbitMq> {
        match &self.rabbitmq {
            Source::Private(broker) => Ok(broker),
            Source::Outside(_) => bail!("the RabbitMQ broker is not private and cannot be stopped"),
        }
    }

    /// The URL of a user who can create databases and users.
    pub fn postgres_url(&self) -> Result<DatabaseUrl> {
        match &self.postgres {
            Source::Private(server) => server.url(),
            Source::Outside(url) => Ok(url.clone()),
        }
    }

    /// The URL of the named virtual host, on the first node.
    pub fn amqp_url(&self, vhost: &str) -> Result<Url> {
        self.amqp_urls(vhost)?.into_iter().next().context("there is no broker")
    }

    /// The URLs of the named virtual host, one for each node.
    pub fn amqp_urls(&self, vhost: &str) -> Result<Vec<Url>> {
        let mut urls = self.default_amqp_urls()?;
        for url in &mut urls {
            match url.path_segments_mut() {
                Ok(mut segments) => segments.clear().push(vhost),
                Err(()) => bail!("{AMQP_URL} is not the URL of a broker"),
            };
        }
        Ok(urls)
    }

    /// The URL of the broker's default virtual host, on the first node.
    pub fn default_amqp_url(&self) -> Result<Url> {
        self.default_amqp_urls()?.into_iter().next().context("there is no broker")
    }

    /// The URLs of the broker's default virtual host, one for each node.
    pub fn default_amqp_urls(&self) -> Result<Vec<Url>> {
        match &self.rabbitmq {
            Source::Private(broker) => Ok(vec![broker.amqp_url()?]),
            Source::Outside(broker) => Ok(broker.nodes.clone()),
        }
    }

    /// The URL of the management console, without user and password.
    pub fn management_url(&self) -> Result<Url> {
        match &self.rabbitmq {
            Source::Private(broker) => broker.management_url(),
            Source::Outside(broker) => Ok(broker.management.clone()),
        }
    }

    /// Creates a client of the management API for the named virtual host.
    pub fn broker(&self, vhost: &str) -> Result<Broker> {
        Broker::new(with_credentials_of(self.management_url()?, &self.default_amqp_url()?), vhost)
    }

    /// The largest age of the message counts in [`Broker::queues`].
    #[must_use]
    pub fn age_of_counts(&self) -> Duration {
        let configured = || std::env::var(AMQP_COUNTS_SECONDS).ok()?.parse().ok().map(Duration::from_secs);
        match &self.rabbitmq {
            Source::Private(_) => PRIVATE_COUNTS_AGE,
            Source::Outside(_) => configured().unwrap_or(DEFAULT_COUNTS_AGE),
        }
    }

    /// Shuts down the private servers.
    pub async fn shut_down(&self) -> Result<()> {
        let postgres = async {
            match &self.postgres {
                Source::Private(server) => server.stop().await,
                Source::Outside(_) => Ok(()),
            }
        };
        let rabbitmq = async {
            match &self.rabbitmq {
                Source::Private(broker) => broker.shut_down().await,
                Source::Outside(_) => Ok(()),
            }
        };
        let (postgres, rabbitmq) = tokio::join!(postgres, rabbitmq);
        postgres.and(rabbitmq)
    }

    pub(crate) fn slots(&self) -> Vec<&Slot> {
        let postgres = self.postgres().ok().map(Postgres::slot);
        postgres.into_iter().chain(self.rabbitmq().ok().map(RabbitMq::slot)).collect()
    }
}

fn outside_postgres() -> Result<Option<DatabaseUrl>> {
    let text = std::env::var(POSTGRES_URL).unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).context(POSTGRES_URL)
}

fn outside_rabbitmq() -> Result<Option<OutsideBroker>> {
    let Some(text) = std::env::var(AMQP_URL).ok().filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let nodes = parse_nodes(&text)?;
    let management = if let Some(url) = url_from_env(AMQP_MANAGEMENT_URL, &["http", "https"])? {
        url
    } else {
        let host = nodes.first().and_then(Url::host_str).unwrap_or("127.0.0.1");
        format!("http://{host}:15672").parse()?
    };
    Ok(Some(OutsideBroker { nodes, management }))
}

fn parse_nodes(text: &str) -> Result<Vec<Url>> {
    text.split(',').map(|node| parse_url(AMQP_URL, node.trim(), &["amqp", "amqps"])).collect()
}

/// Joins URLs to one value of a variable.
pub(crate) fn join(urls: &[Url]) -> String {
    urls.iter().map(Url::as_str).collect::<Vec<_>>().join(",")
}

fn url_from_env(variable: &str, schemes: &[&str]) -> Result<Option<Url>> {
    let Ok(text) = std::env::var(variable) else {
        return Ok(None);
    };
    if text.is_empty() {
        return Ok(None);
    }
    parse_url(variable, &text, schemes).map(Some)
}

fn parse_url(variable: &str, text: &str, schemes: &[&str]) -> Result<Url> {
    // Errors do not contain the text, because it may contain a password.
    let url: Url = text.parse().with_context(|| format!("{variable} is not a URL"))?;
    if !schemes.contains(&url.scheme()) || !url.has_host() {
        bail!("{variable} must start with {}:// and a host", schemes.first().copied().unwrap_or_default());
    }
    Ok(url)
}

/// Adds the broker's user to the URL of the management API. If the AMQP URL has no user, this is RabbitMQ's
/// default user.
fn with_credentials_of(mut management: Url, amqp: &Url) -> Url {
    let (user, password) = match amqp.username() {
        "" => ("guest", "guest"),
        user => (user, amqp.password().unwrap_or_default()),
    };
    // This fails only for URLs without a host, which were refused before.
    let _ = management.set_username(user);
    let _ = management.set_password(Some(password));
    management
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_about_urls_do_not_contain_passwords() {
        for (text, expected) in [
            ("secret", "AMQP_URL is not a URL"),
            ("mysql://a:secret@b/c", "AMQP_URL must start with amqp:// and a host"),
        ] {
            let error = parse_url(AMQP_URL, text, &["amqp", "amqps"]).unwrap_err();
            assert_eq!(error.to_string(), expected);
            assert!(!format!("{error:#}").contains("secret"));
        }
    }

    #[test]
    fn the_nodes_of_a_cluster_are_separated_by_commas() {
        let nodes = "amqp://ada:word@[::1]:5672/,amqp://ada:word@second:5672/";
        assert_eq!(join(&parse_nodes(nodes).unwrap()), nodes);
        let error = format!("{:#}", parse_nodes("amqp://ada:secret@first, secret").unwrap_err());
        assert!(error.starts_with("AMQP_URL is not a URL") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn the_management_api_gets_the_brokers_user() {
        let management: Url = "http://broker:15672".parse().unwrap();
        let with = |amqp: &str| with_credentials_of(management.clone(), &amqp.parse().unwrap()).to_string();
        assert_eq!(with("amqp://ada:word@broker"), "http://ada:word@broker:15672/");
        assert_eq!(with("amqp://broker:5672"), "http://guest:guest@broker:15672/");
    }
}

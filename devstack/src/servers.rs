//! PostgreSQL and RabbitMQ: private ones, or those that `POSTGRES_URL` and `AMQP_URL` name.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use reqwest::Url;
use storage::DatabaseUrl;

use crate::broker::Broker;
use crate::instance::{Folder, Secrets};
use crate::postgres::Postgres;
use crate::progress::Progress;
use crate::rabbitmq::RabbitMq;
use crate::slot::Slot;

/// Names an existing PostgreSQL server, or several as libpq writes them, by the URL of a user who may create databases,
/// and users where each service is to have its own.
pub const POSTGRES_URL: &str = "POSTGRES_URL";
/// Names an existing RabbitMQ broker, by the URL of a user who may create virtual hosts. The nodes of a cluster have a URL
/// each, separated by commas.
pub const AMQP_URL: &str = "AMQP_URL";
/// Names that broker's management console where it is not on port 15672 of the same host.
pub const AMQP_MANAGEMENT_URL: &str = "AMQP_MANAGEMENT_URL";

/// Tells how old that broker's counts of messages may be, in seconds, where it is not set up as by default.
pub const AMQP_COUNTS_SECONDS: &str = "AMQP_COUNTS_SECONDS";

/// Quorum queues of our broker tell of their depth every second.
const COUNTS_OF_OURS: Duration = Duration::from_secs(2);
/// By default they do every five seconds.
const COUNTS_OF_OTHERS: Duration = Duration::from_secs(6);

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
    /// Where its nodes take AMQP connections; at least one.
    nodes: Vec<Url>,
    management: Url,
}

impl Servers {
    /// Those that the environment names; private ones in this folder for what it does not name.
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
            let detail = if broker.was_moved() { "(made anew: folder moved)" } else { "" };
            progress.done("RabbitMQ", detail, begun);
            anyhow::Ok(Source::Private(broker))
        };
        let (postgres, rabbitmq) = tokio::try_join!(postgres, rabbitmq)?;
        Ok(Self { postgres, rabbitmq })
    }

    /// Private ones in this folder, whatever the environment says: for what kills and restarts them.
    pub async fn start_private(folder: &Folder) -> Result<Self> {
        folder.create()?;
        let secrets = Secrets::of(folder)?;
        let (postgres, rabbitmq) = tokio::try_join!(
            Postgres::start_in(folder, &secrets.postgres),
            RabbitMq::start_in(folder, &secrets.rabbitmq)
        )?;
        Ok(Self { postgres: Source::Private(postgres), rabbitmq: Source::Private(rabbitmq) })
    }

    /// A private PostgreSQL server whose cluster is made with these options of `initdb`, and the broker that the
    /// environment names.
    pub async fn with_cluster(folder: &Folder, options: &[&str]) -> Result<Self> {
        folder.create()?;
        let postgres = Postgres::start_with(folder, &Secrets::of(folder)?.postgres, options).await?;
        Ok(Self { postgres: Source::Private(postgres), ..Self::from_env()? })
    }

    /// Those that the environment names; under `./dev test` it does.
    pub fn from_env() -> Result<Self> {
        const HINT: &str = "is not set; `./dev test` sets it";
        let postgres = outside_postgres()?.with_context(|| format!("{POSTGRES_URL} {HINT}"))?;
        let rabbitmq = outside_rabbitmq()?.with_context(|| format!("{AMQP_URL} {HINT}"))?;
        Ok(Self { postgres: Source::Outside(postgres), rabbitmq: Source::Outside(rabbitmq) })
    }

    /// The private PostgreSQL server, to be killed and started; an error where it is not ours.
    pub fn postgres(&self) -> Result<&Postgres> {
        match &self.postgres {
            Source::Private(server) => Ok(server),
            Source::Outside(_) => bail!("the PostgreSQL server is not ours to stop"),
        }
    }

    /// The private RabbitMQ broker, to be killed and started; an error where it is not ours.
    pub fn rabbitmq(&self) -> Result<&RabbitMq> {
        match &self.rabbitmq {
            Source::Private(broker) => Ok(broker),
            Source::Outside(_) => bail!("the RabbitMQ broker is not ours to stop"),
        }
    }

    /// A URL with which databases and users can be created.
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

    /// A client of the management API for the named virtual host.
    pub fn broker(&self, vhost: &str) -> Result<Broker> {
        Broker::new(with_credentials_of(self.management_url()?, &self.default_amqp_url()?), vhost)
    }

    /// How old the counts of messages in [`Broker::queues`] may be.
    #[must_use]
    pub fn age_of_counts(&self) -> Duration {
        let told = || std::env::var(AMQP_COUNTS_SECONDS).ok()?.parse().ok().map(Duration::from_secs);
        match &self.rabbitmq {
            Source::Private(_) => COUNTS_OF_OURS,
            Source::Outside(_) => told().unwrap_or(COUNTS_OF_OTHERS),
        }
    }

    /// Stops what is ours in good order.
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

/// URLs as one value of a variable.
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
    // The text may hold a password: errors do not repeat it.
    let url: Url = text.parse().with_context(|| format!("{variable} is not a URL"))?;
    if !schemes.contains(&url.scheme()) || !url.has_host() {
        bail!("{variable} must start with {}:// and a host", schemes.first().copied().unwrap_or_default());
    }
    Ok(url)
}

/// The management API takes the same user as the broker; RabbitMQ's own default user where the URL names none.
fn with_credentials_of(mut management: Url, amqp: &Url) -> Url {
    let (user, password) = match amqp.username() {
        "" => ("guest", "guest"),
        user => (user, amqp.password().unwrap_or_default()),
    };
    // Setting them fails only for URLs without a host, which were refused.
    let _ = management.set_username(user);
    let _ = management.set_password(Some(password));
    management
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_urls_are_named_without_their_password() {
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

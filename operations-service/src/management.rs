//! RabbitMQ's management API: what its queues hold. The same on 3.10 and 4.x as far as it is used here.

use common::{
    amqp::topology::{PARKING, PUSH_PREFIX, RETRY_LADDER, TURN, WORK_QUEUES},
    causes::Causes,
    http::client,
};
use lapin::uri::AMQPUri;
use reqwest::{Client, Url};
use serde::{Deserialize, Deserializer, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

const USUAL_PORT: u16 = 15672;
const TIMEOUT: Duration = Duration::from_secs(5);

/// A queue and what is in it.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Queue {
    /// Its name.
    #[schema(example = "payment-worker")]
    pub(crate) name: String,
    /// What it is there for.
    pub(crate) kind: Kind,
    /// Messages that wait to be delivered.
    #[schema(example = 0)]
    pub(crate) ready: u64,
    /// Messages that a consumer has and has not acknowledged yet.
    #[schema(example = 2)]
    pub(crate) unacknowledged: u64,
    /// How many consume from it.
    #[schema(example = 1)]
    pub(crate) consumers: u64,
}

/// What a queue is there for, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Workers that every order needs consume from it.
    Work,
    /// Some other service's.
    Other,
    /// Messages wait there until they are tried again.
    Retry,
    /// What somebody must look at.
    Parking,
    /// Feeds the sockets of one replica of order-service.
    Push,
}

/// The management API of one virtual host.
pub(crate) struct Management {
    http: Client,
    queues: Url,
}

/// Why the management API cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error("AMQP_MANAGEMENT_URL: expected http://user:password@host:15672")]
    Address,
    #[error("{0}")]
    Client(#[from] reqwest::Error),
}

/// Why it did not tell.
#[derive(Debug, thiserror::Error)]
#[error("RabbitMQ's management API: {}", Causes(.0))]
pub(crate) struct ManagementError(#[from] reqwest::Error);

/// A queue as the management API tells of it. Counts are missing, or `null`, until it has some.
#[derive(Deserialize)]
struct Told {
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    messages_ready: u64,
    #[serde(default, deserialize_with = "or_default")]
    messages_unacknowledged: u64,
    #[serde(default, deserialize_with = "or_default")]
    consumers: u64,
}

fn or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Management {
    pub(crate) fn new(broker: &AMQPUri, given: Option<Url>) -> Result<Self, SetupError> {
        let queues = address(broker, given).ok_or(SetupError::Address)?;
        Ok(Self { http: client::client(TIMEOUT)?, queues })
    }

    /// All queues of the virtual host. RabbitMQ counts every five seconds unless it is set up otherwise.
    pub(crate) async fn queues(&self) -> Result<Vec<Queue>, ManagementError> {
        let columns = [("columns", "name,messages_ready,messages_unacknowledged,consumers")];
        let request = self.http.get(self.queues.clone()).query(&columns);
        let told: Vec<Told> = request.send().await?.error_for_status()?.json().await?;
        Ok(shown(told))
    }
}

/// Where the queues of the virtual host are.
fn address(broker: &AMQPUri, given: Option<Url>) -> Option<Url> {
    let authority = &broker.authority;
    let mut url = match given {
        Some(url) => url,
        None => format!("http://{}:{USUAL_PORT}", authority.host).parse().ok()?,
    };
    if url.username().is_empty() {
        url.set_username(&authority.userinfo.username).ok()?;
        url.set_password(Some(&authority.userinfo.password)).ok()?;
    }
    url.path_segments_mut().ok()?.pop_if_empty().extend(["api", "queues", &broker.vhost]);
    Some(url)
}

fn shown(told: Vec<Told>) -> Vec<Queue> {
    let mut queues: Vec<Queue> = told.into_iter().filter(|told| told.name != TURN).map(Queue::from).collect();
    queues.sort_by(|one, other| one.place().cmp(&other.place()));
    queues
}

impl From<Told> for Queue {
    fn from(told: Told) -> Self {
        Self {
            kind: Kind::of(&told.name),
            name: told.name,
            ready: told.messages_ready,
            unacknowledged: told.messages_unacknowledged,
            consumers: told.consumers,
        }
    }
}

impl Queue {
    /// By kind; then the steps of the ladder as they follow each other, the others by name.
    fn place(&self) -> (Kind, Option<usize>, &str) {
        (self.kind, RETRY_LADDER.iter().position(|step| step.name == self.name), &self.name)
    }
}

impl Kind {
    fn of(name: &str) -> Self {
        if WORK_QUEUES.iter().any(|queue| queue.name == name) {
            Self::Work
        } else if RETRY_LADDER.iter().any(|step| step.name == name) {
            Self::Retry
        } else if name == PARKING {
            Self::Parking
        } else if name.starts_with(PUSH_PREFIX) {
            Self::Push
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(broker: &str, given: Option<&str>) -> String {
        address(&broker.parse().unwrap(), given.map(|url| url.parse().unwrap())).unwrap().into()
    }

    #[test]
    fn the_api_is_on_the_brokers_host_unless_told_otherwise() {
        let broker = "amqp://us%2Fer:w%40rd@rabbit:5672/a%2fb";
        assert_eq!(url(broker, None), "http://us%2Fer:w%40rd@rabbit:15672/api/queues/a%2Fb");
        assert_eq!(
            url(broker, Some("https://console.example.com/rabbit/")),
            "https://us%2Fer:w%40rd@console.example.com/rabbit/api/queues/a%2Fb"
        );
        assert_eq!(url(broker, Some("http://eve:pw@other:1")), "http://eve:pw@other:1/api/queues/a%2Fb");
        assert!(address(&broker.parse().unwrap(), Some("mailto:rabbit".parse().unwrap())).is_none());
    }

    #[test]
    fn queues_are_shown_in_the_order_of_an_orders_way() {
        let names = [
            "retry.30s",
            "push.order-service.1",
            TURN,
            "parking",
            "retry.5m",
            "notifications",
            "retry.5s",
            "payment-worker",
            "order-processor",
        ];
        let told = format!("[{}]", names.map(|name| format!(r#"{{"name":"{name}"}}"#)).join(","));
        let shown = shown(serde_json::from_str(&told).unwrap());
        let shown: Vec<_> = shown.iter().map(|queue| queue.name.as_str()).collect();
        assert_eq!(
            shown,
            [
                "order-processor",
                "payment-worker",
                "notifications",
                "retry.5s",
                "retry.30s",
                "retry.5m",
                "parking",
                "push.order-service.1",
            ]
        );
    }

    #[test]
    fn a_queue_that_has_not_been_counted_yet_is_empty() {
        let told: Told = serde_json::from_str(r#"{"name":"parking","messages_ready":null}"#).unwrap();
        let queue = Queue::from(told);
        assert_eq!((queue.kind, queue.ready, queue.consumers), (Kind::Parking, 0, 0));
    }
}

//! Reads the queues through RabbitMQ's management API. RabbitMQ 3.10 and 4.x give the same answers here.

use lapin::uri::AMQPUri;
use messaging::{
    address::Addresses,
    topology::{ALL_WORK_QUEUES, PARKING, PUSH_PREFIX, RETRY_LADDER},
};
use reqwest::{Client, StatusCode, Url};
use runtime::causes::Causes;
use runtime::http_client;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use utoipa::ToSchema;

const USUAL_PORT: u16 = 15672;
const TIMEOUT: Duration = Duration::from_secs(5);

/// A queue and what is in it.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Queue {
    /// Its name.
    #[schema(example = "payment-worker")]
    pub(crate) name: String,
    /// Its purpose.
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

/// The purpose of a queue, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Workers that every order needs consume from it.
    Work,
    /// Some other service's.
    Other,
    /// Messages wait there until they are tried again.
    Retry,
    /// Failed messages, on their way to the list of parked messages.
    Parking,
    /// Feeds the sockets of one replica of order-service.
    Push,
}

/// The management API of one virtual host.
pub(crate) struct Management {
    http: Client,
    /// The API of each node, up to the part before the name of what is asked for. At least one.
    nodes: Vec<Url>,
    vhost: String,
    /// The node that answered last.
    current: AtomicUsize,
}

/// Why the management API cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error("AMQP_MANAGEMENT_URL: expected http://user:password@host:15672")]
    Address,
    #[error("{0}")]
    Client(#[from] reqwest::Error),
}

/// Why it did not answer.
#[derive(Debug, thiserror::Error)]
#[error("RabbitMQ's management API: {}", Causes(.0))]
pub(crate) struct ManagementError(#[from] reqwest::Error);

impl ManagementError {
    /// The status of a refusal. `None` if the management API did not answer or failed.
    pub(crate) fn refusal(&self) -> Option<StatusCode> {
        self.0.status().filter(StatusCode::is_client_error)
    }
}

/// A queue in the management API. Counts are missing, or `null`, until it has some.
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

/// A binding in the management API.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Binding {
    /// The exchange.
    pub(crate) source: String,
    /// The queue.
    pub(crate) destination: String,
    /// The key, or its pattern.
    pub(crate) routing_key: String,
}

fn or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Management {
    pub(crate) fn new(broker: &Addresses, given: Option<&Url>) -> Result<Self, SetupError> {
        let nodes = broker.iter().map(|node| address(node, given)).collect::<Option<Vec<_>>>();
        let vhost = broker.iter().next().map(|node| node.vhost.clone()).unwrap_or_default();
        let nodes = nodes.ok_or(SetupError::Address)?;
        Ok(Self { http: http_client::client(TIMEOUT)?, nodes, vhost, current: AtomicUsize::new(0) })
    }

    /// All queues of the virtual host. RabbitMQ counts every five seconds unless it is set up otherwise.
    pub(crate) async fn queues(&self) -> Result<Vec<Queue>, ManagementError> {
        let columns = "name,messages_ready,messages_unacknowledged,consumers";
        Ok(shown(self.get("queues", columns).await?))
    }

    /// All bindings of the virtual host.
    pub(crate) async fn bindings(&self) -> Result<Vec<Binding>, ManagementError> {
        self.get("bindings", "source,destination,routing_key").await
    }

    /// Asks the node that answered last, then the others.
    async fn get<T: DeserializeOwned>(&self, what: &str, columns: &str) -> Result<Vec<T>, ManagementError> {
        let first = self.current.load(Ordering::Relaxed);
        let mut failure = None;
        for (number, node) in self.nodes.iter().enumerate().cycle().skip(first).take(self.nodes.len()) {
            match self.get_from(node.clone(), what, columns).await {
                Ok(found) => {
                    self.current.store(number, Ordering::Relaxed);
                    return Ok(found);
                }
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or_else(|| Ok(Vec::new()), |error| Err(error.into()))
    }

    async fn get_from<T: DeserializeOwned>(
        &self,
        mut url: Url,
        what: &str,
        columns: &str,
    ) -> Result<Vec<T>, reqwest::Error> {
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend([what, &self.vhost]);
        }
        let request = self.http.get(url).query(&[("columns", columns)]);
        request.send().await?.error_for_status()?.json().await
    }
}

/// The address of the management API of a node.
fn address(node: &AMQPUri, given: Option<&Url>) -> Option<Url> {
    let authority = &node.authority;
    let host = &authority.host;
    let mut url = match given {
        Some(url) => url.clone(),
        None if host.contains(':') => format!("http://[{host}]:{USUAL_PORT}").parse().ok()?,
        None => format!("http://{host}:{USUAL_PORT}").parse().ok()?,
    };
    if url.username().is_empty() {
        url.set_username(&authority.userinfo.username).ok()?;
        url.set_password(Some(&authority.userinfo.password)).ok()?;
    }
    url.path_segments_mut().ok()?.pop_if_empty().push("api");
    Some(url)
}

fn shown(told: Vec<Told>) -> Vec<Queue> {
    let mut queues: Vec<Queue> = told.into_iter().map(Queue::from).collect();
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
    /// The sort key. Queues are sorted by kind. Retry queues follow the steps of the ladder, other queues
    /// their names.
    fn place(&self) -> (Kind, Option<usize>, &str) {
        (self.kind, RETRY_LADDER.iter().position(|step| step.name == self.name), &self.name)
    }
}

impl Kind {
    fn of(name: &str) -> Self {
        if ALL_WORK_QUEUES.iter().any(|queue| queue.name == name) {
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

    fn urls(broker: &str, given: Option<&str>) -> Vec<String> {
        let given = given.map(|url| url.parse().unwrap());
        let management = Management::new(&broker.parse().unwrap(), given.as_ref()).unwrap();
        management.nodes.into_iter().map(String::from).collect()
    }

    #[test]
    fn the_api_is_on_the_brokers_host_unless_told_otherwise() {
        let broker = "amqp://us%2Fer:w%40rd@rabbit:5672/a%2fb";
        assert_eq!(urls(broker, None), ["http://us%2Fer:w%40rd@rabbit:15672/api"]);
        let console = "https://console.example.com/rabbit/";
        assert_eq!(urls(broker, Some(console)), ["https://us%2Fer:w%40rd@console.example.com/rabbit/api"]);
        assert_eq!(urls(broker, Some("http://eve:pw@other:1")), ["http://eve:pw@other:1/api"]);
        let none = "mailto:rabbit".parse().unwrap();
        assert!(Management::new(&broker.parse().unwrap(), Some(&none)).is_err());
    }

    #[test]
    fn each_node_of_a_cluster_has_the_api() {
        let nodes = urls("amqp://u:p@a/v,amqp://u:p@[::1]/v", None);
        assert_eq!(nodes, ["http://u:p@a:15672/api", "http://u:p@[::1]:15672/api"]);
    }

    #[test]
    fn queues_are_shown_in_the_order_of_an_orders_way() {
        let names = [
            "retry.30s",
            "push.order-service.1",
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

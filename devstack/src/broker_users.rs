//! The RabbitMQ users of the programs. Each program has its own user with few rights.
//! `deploy/rabbitmq/definitions.json` has the same users for containers.
//!
//! Declaring an object requires *configure*. Publishing requires *write* on the exchange, and consuming
//! requires *read* on the queue. Binding requires *write* on the queue and *read* on the exchange. Declaring
//! a queue that dead-letters also requires *read* on the queue and *write* on its dead-letter exchange:
//! <https://www.rabbitmq.com/docs/access-control#permissions>.

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::services::{self, BrokerRole, SERVICES, Service};

/// The rights of a program. Names and keys are regular expressions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BrokerUser {
    pub service: &'static str,
    /// The tag `management` if the program uses the management API, or no tag.
    pub tags: &'static str,
    pub configure: String,
    pub write: String,
    pub read: String,
    /// The permissions for topic exchanges.
    pub topics: Vec<TopicPermission>,
}

/// The routing keys with which a user may publish to a topic exchange (`write`) and bind to it (`read`).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TopicPermission {
    pub exchange: String,
    pub write: String,
    pub read: String,
}

const NOTHING: &str = "^$";
/// The steps of the retry ladder.
const STEPS: [&str; 4] = ["5s", "30s", "5m", "30m"];
/// The work queues that every order depends on. order-service declares them too.
const ORDER_QUEUES: &str = "order-processor|payment-worker";

impl BrokerUser {
    /// The users of all programs that use RabbitMQ.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        SERVICES.iter().filter_map(Self::with_role)
    }

    /// The user of a program.
    pub(crate) fn of(service: &str) -> Result<Self> {
        let service = services::find(service)?;
        Self::with_role(service).with_context(|| format!("{} does not use RabbitMQ", service.name))
    }

    fn with_role(service: &Service) -> Option<Self> {
        Some(match service.broker? {
            BrokerRole::Publisher => Self::publisher(service.name),
            BrokerRole::Worker(events) => Self::worker(service.name, events),
            BrokerRole::PublishingWorker { consumes, exchange, prefix } => {
                Self::publishing_worker(service.name, consumes, exchange, prefix)
            }
            BrokerRole::Operator => Self::operator(service.name),
        })
    }

    /// A publisher of events declares all objects for them, and feeds its WebSockets from its own push queues.
    fn publisher(service: &'static str) -> Self {
        let steps = STEPS.join("|");
        let mut topics = vec![
            TopicPermission::new("orders", "^order_[a-z_]+$", "^(#|order_[a-z_]+)$"),
            TopicPermission::new("deliveries", NOTHING, "^#$"),
        ];
        topics.extend(STEPS.map(|step| TopicPermission::new(&format!("again.{step}"), NOTHING, "^#$")));
        Self {
            service,
            tags: "",
            configure: format!(
                r"^(orders|deliveries|work|park|parking|(again|retry)\.({steps})|{ORDER_QUEUES}|push\..+)$"
            ),
            write: format!(r"^(orders|work|park|parking|retry\.({steps})|{ORDER_QUEUES}|push\..+)$"),
            read: format!(
                r"^(orders|deliveries|work|park|(again|retry)\.({steps})|{ORDER_QUEUES}|push\..+)$"
            ),
            topics,
        }
    }

    /// A worker consumes its own queue, and moves messages from there to the retry ladder and to parking.
    fn worker(queue: &'static str, events: &[&str]) -> Self {
        let steps = STEPS.join("|");
        let events = format!("^({})$", events.join("|"));
        let own = format!("^{queue}$");
        let mut topics = vec![TopicPermission::new("orders", NOTHING, &events)];
        topics.extend(STEPS.map(|step| TopicPermission::new(&format!("again.{step}"), &own, NOTHING)));
        Self {
            service: queue,
            tags: "",
            write: format!(r"^({queue}|parking|park|again\.({steps}))$"),
            read: format!("^({queue}|orders|work|park)$"),
            configure: own,
            topics,
        }
    }

    /// A worker that also declares an exchange and publishes its own events to it.
    fn publishing_worker(queue: &'static str, events: &[&str], exchange: &str, prefix: &str) -> Self {
        let worker = Self::worker(queue, events);
        let mut topics = worker.topics;
        topics.push(TopicPermission::new(exchange, &format!("^{prefix}[a-z_]+$"), NOTHING));
        Self {
            configure: format!("^({queue}|{exchange})$"),
            write: worker.write.replace(&format!("({queue}|"), &format!("({queue}|{exchange}|")),
            topics,
            ..worker
        }
    }

    /// An operator consumes parking, replays into work queues, and lists queues and bindings.
    fn operator(service: &'static str) -> Self {
        Self {
            service,
            tags: "management",
            configure: NOTHING.to_owned(),
            write: "^work$".to_owned(),
            read: "^parking$".to_owned(),
            topics: vec![TopicPermission::new("orders", NOTHING, NOTHING)],
        }
    }

    /// The name of the user. Users belong to the whole broker, so the name starts with the virtual host.
    pub(crate) fn name(&self, vhost: &str) -> String {
        format!("{vhost}.{}", self.service)
    }

    /// The permissions as JSON for the management API.
    pub(crate) fn permissions(&self) -> serde_json::Value {
        json!({ "configure": self.configure, "write": self.write, "read": self.read })
    }
}

impl TopicPermission {
    fn new(exchange: &str, write: &str, read: &str) -> Self {
        Self { exchange: exchange.to_owned(), write: write.to_owned(), read: read.to_owned() }
    }

    /// The permission as JSON for the management API.
    pub(crate) fn json(&self) -> serde_json::Value {
        json!({ "exchange": self.exchange, "write": self.write, "read": self.read })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn containers_have_the_same_users() {
        let definitions: Value =
            serde_json::from_str(include_str!("../../deploy/rabbitmq/definitions.json")).unwrap();
        let (mut users, mut permissions, mut topics) = (Vec::new(), Vec::new(), Vec::new());
        for user in BrokerUser::all() {
            let service = user.service;
            let password = format!("${{{}_BROKER_PASSWORD}}", service.to_uppercase().replace('-', "_"));
            users.push(json!({ "name": service, "password": password, "tags": user.tags }));
            let own = |mut permission: Value| {
                permission["user"] = service.into();
                permission["vhost"] = "/".into();
                permission
            };
            permissions.push(own(user.permissions()));
            topics.extend(user.topics.iter().map(|topic| own(topic.json())));
        }
        let mut wrong = Vec::new();
        for (list, expected) in
            [("users", users), ("permissions", permissions), ("topic_permissions", topics)]
        {
            let of_administrator =
                |entry: &&Value| [&entry["name"], &entry["user"]].contains(&&json!("${RABBITMQ_USER}"));
            let actual = definitions[list].as_array().unwrap().iter();
            let actual: Vec<_> = actual.filter(|entry| !of_administrator(entry)).collect();
            let lacks = expected.iter().filter(|entry| !actual.contains(entry));
            wrong.extend(
                lacks.map(|entry| format!("deploy/rabbitmq/definitions.json lacks in {list}: {entry}")),
            );
            let more = actual.iter().filter(|entry| !expected.contains(entry));
            wrong.extend(more.map(|entry| {
                format!("deploy/rabbitmq/definitions.json has in {list} without need: {entry}")
            }));
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}

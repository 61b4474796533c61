//! The RabbitMQ users of the services. Each service has its own user with only the rights that it needs.
//! `deploy/rabbitmq/definitions.json` has the same users for containers.
//!
//! Declaring an object requires *configure*. Publishing requires *write* on the exchange, and consuming
//! requires *read* on the queue. Binding requires *write* on the queue and *read* on the exchange. Declaring
//! a queue that dead-letters also requires *read* on the queue and *write* on its dead-letter exchange:
//! <https://www.rabbitmq.com/docs/access-control#permissions>.

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::secrets::Secrets;

/// The rights of a service. Names and keys are regular expressions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BrokerUser {
    pub service: &'static str,
    /// The tag `management` if the service uses the management API, or no tag.
    pub tags: &'static str,
    pub configure: &'static str,
    pub write: &'static str,
    pub read: &'static str,
    /// The permissions for topic exchanges.
    pub topics: &'static [TopicPermission],
}

/// The routing keys with which a user may publish to a topic exchange (`write`) and bind to it (`read`).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TopicPermission {
    pub exchange: &'static str,
    pub write: &'static str,
    pub read: &'static str,
}

const NOTHING: &str = "^$";

/// A worker consumes its own queue, and moves messages from there to the retry ladder and to parking.
macro_rules! worker {
    ($queue:literal, $events:literal) => {
        BrokerUser {
            service: $queue,
            tags: "",
            configure: concat!("^", $queue, "$"),
            write: concat!("^(", $queue, "|parking|park|again\\.(5s|30s|5m|30m))$"),
            read: concat!("^(", $queue, "|orders|work|park)$"),
            topics: &[
                TopicPermission { exchange: "orders", write: NOTHING, read: $events },
                TopicPermission { exchange: "again.5s", write: concat!("^", $queue, "$"), read: NOTHING },
                TopicPermission { exchange: "again.30s", write: concat!("^", $queue, "$"), read: NOTHING },
                TopicPermission { exchange: "again.5m", write: concat!("^", $queue, "$"), read: NOTHING },
                TopicPermission { exchange: "again.30m", write: concat!("^", $queue, "$"), read: NOTHING },
            ],
        }
    };
}

pub(crate) static BROKER_USERS: [BrokerUser; 4] = [
    // Publishes events, declares all objects for them, and feeds its WebSockets from its own push queues.
    BrokerUser {
        service: "order-service",
        tags: "",
        configure: "^(orders|work|park|parking|(again|retry)\\.(5s|30s|5m|30m)|order-processor|payment-worker|push\\..+)$",
        write: "^(orders|work|park|parking|retry\\.(5s|30s|5m|30m)|order-processor|payment-worker|push\\..+)$",
        read: "^(orders|work|park|(again|retry)\\.(5s|30s|5m|30m)|order-processor|payment-worker|push\\..+)$",
        topics: &[
            TopicPermission { exchange: "orders", write: "^order_[a-z_]+$", read: "^(#|order_[a-z_]+)$" },
            TopicPermission { exchange: "again.5s", write: NOTHING, read: "^#$" },
            TopicPermission { exchange: "again.30s", write: NOTHING, read: "^#$" },
            TopicPermission { exchange: "again.5m", write: NOTHING, read: "^#$" },
            TopicPermission { exchange: "again.30m", write: NOTHING, read: "^#$" },
        ],
    },
    worker!("order-processor", "^order_(created|paid|cancelled|refunded)$"),
    worker!("payment-worker", "^order_(reserved|refund_requested)$"),
    // Consumes parking, replays into work queues, and lists queues and bindings.
    BrokerUser {
        service: "operations-service",
        tags: "management",
        configure: NOTHING,
        write: "^work$",
        read: "^parking$",
        topics: &[TopicPermission { exchange: "orders", write: NOTHING, read: NOTHING }],
    },
];

impl BrokerUser {
    /// The user of a service.
    pub(crate) fn of(service: &str) -> Result<&'static Self> {
        let found = BROKER_USERS.iter().find(|user| user.service == service);
        found.with_context(|| format!("{service} does not use RabbitMQ"))
    }

    /// The name of the user. Users belong to the whole broker, so the name starts with the virtual host.
    pub(crate) fn name(&self, vhost: &str) -> String {
        format!("{vhost}.{}", self.service)
    }

    pub(crate) fn password<'a>(&self, secrets: &'a Secrets) -> &'a str {
        match self.service {
            "order-service" => &secrets.order_service_broker,
            "order-processor" => &secrets.order_processor_broker,
            "payment-worker" => &secrets.payment_worker_broker,
            _ => &secrets.operations_service_broker,
        }
    }

    /// The permissions as JSON for the management API.
    pub(crate) fn permissions(&self) -> serde_json::Value {
        json!({ "configure": self.configure, "write": self.write, "read": self.read })
    }
}

impl TopicPermission {
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
        let of = |what: &str, user: &str| -> Vec<Value> {
            let all = definitions[what].as_array().unwrap();
            all.iter().filter(|entry| entry["user"] == user || entry["name"] == user).cloned().collect()
        };
        for user in &BROKER_USERS {
            assert_eq!(of("users", user.service)[0]["tags"], user.tags, "{}", user.service);
            let mut expected = user.permissions();
            expected["user"] = user.service.into();
            expected["vhost"] = "/".into();
            assert_eq!(of("permissions", user.service), [expected]);
            let topics = user.topics.iter().map(|topic| {
                let mut expected = topic.json();
                expected["user"] = user.service.into();
                expected["vhost"] = "/".into();
                expected
            });
            assert_eq!(of("topic_permissions", user.service), topics.collect::<Vec<_>>());
        }
        let all = definitions["permissions"].as_array().unwrap();
        assert_eq!(all.len(), BROKER_USERS.len() + 1, "the services' users and the administrator");
    }
}

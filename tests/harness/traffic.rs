//! The messages at the broker, and the logs.

use crate::{eventually::eventually, shop::Shop};
use contract::ids::OrderId;
use devstack::broker::Peeked;
use serde_json::Value;
use std::collections::BTreeMap;

/// The queue that stores a copy of every event.
pub(crate) const TAP: &str = "test.tap";

/// A copy of a message.
pub type Message = Peeked;
/// A line of a JSON log.
pub type LogLine = Value;

impl Shop {
    /// Starts to record a copy of every event.
    pub async fn records_events(&self) {
        self.broker().tap(TAP, "orders", "#").await.expect("tap the exchange");
    }

    /// Waits until `count` events of an order are recorded. Returns its recorded events by version, each
    /// once.
    pub async fn recorded_events(&self, order: OrderId, count: usize) -> Vec<Message> {
        eventually(&format!("{count} events of order {order} are recorded"), async || {
            let messages = self.broker().peek(TAP, 1000).await.expect("look into the tap");
            let of_order = |message: &Message| message.properties["correlation_id"] == order.to_string();
            let versions = messages.into_iter().filter(of_order).map(|message| (version(&message), message));
            let messages: BTreeMap<_, _> = versions.collect();
            (messages.len() >= count).then(|| messages.into_values().collect())
        })
        .await
    }

    /// Publishes a message again without a change.
    pub async fn repeat(&self, message: &Message) {
        let Message { routing_key, properties, payload } = message;
        self.broker().publish("orders", routing_key, properties, payload).await.expect("publish");
    }

    /// Waits until the replicas of a worker have settled this many deliveries since they started.
    pub async fn worker_settles(&self, worker: &str, count: u64) {
        eventually(&format!("{worker} has settled {count} deliveries"), async || {
            let settled: u64 = self.deliveries(worker).await.values().sum();
            (settled >= count).then_some(())
        })
        .await;
    }

    /// The log of one replica.
    #[must_use]
    pub fn log(&self, service: &str, replica: usize) -> Vec<LogLine> {
        let path = self.stack().folder().log(&format!("{service}-{replica}"));
        let text = std::fs::read_to_string(path).expect("a log file");
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Waits until a replica logs this message about an order. Returns all its lines about the order.
    pub async fn log_about(
        &self,
        service: &str,
        replica: usize,
        order: OrderId,
        message: &str,
    ) -> Vec<LogLine> {
        eventually(&format!("{service}-{replica} logs `{message}` about order {order}"), async || {
            let is_about = |line: &LogLine| line["span"]["order_id"] == order.to_string();
            let lines: Vec<_> = self.log(service, replica).into_iter().filter(is_about).collect();
            lines.iter().any(|line| line["message"] == message).then_some(lines)
        })
        .await
    }
}

fn version(message: &Message) -> u64 {
    let event: Value = serde_json::from_str(&message.payload).expect("an event");
    event["version"].as_u64().expect("a version")
}

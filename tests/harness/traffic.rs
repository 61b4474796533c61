//! What goes over the broker and into the logs.

use crate::{eventually::eventually, shop::Shop};
use contract::ids::OrderId;
use devstack::broker::Peeked;
use serde_json::Value;
use std::collections::BTreeMap;

/// The queue that keeps a copy of every event.
pub(crate) const TAP: &str = "test.tap";

/// A copy of a message.
pub type Message = Peeked;
/// A line of a log, as JSON.
pub type LogLine = Value;

impl Shop {
    /// From now on, a copy of every event is kept.
    pub async fn listens_in(&self) {
        self.broker().tap(TAP, "orders", "#").await.expect("tap the exchange");
    }

    /// The copies of an order's events by version, each once, when there are so many.
    pub async fn overheard(&self, order: OrderId, count: usize) -> Vec<Message> {
        eventually(&format!("{count} events of order {order} are overheard"), async || {
            let messages = self.broker().peek(TAP, 1000).await.expect("look into the tap");
            let of_order = |message: &Message| message.properties["correlation_id"] == order.to_string();
            let versions = messages.into_iter().filter(of_order).map(|message| (version(&message), message));
            let messages: BTreeMap<_, _> = versions.collect();
            (messages.len() >= count).then(|| messages.into_values().collect())
        })
        .await
    }

    /// Publishes a message again, as it was.
    pub async fn repeat(&self, message: &Message) {
        let Message { routing_key, properties, payload } = message;
        self.broker().publish("orders", routing_key, properties, payload).await.expect("publish");
    }

    /// Waits until a worker has settled this many deliveries since it started.
    pub async fn worker_settles(&self, worker: &str, count: u64) {
        eventually(&format!("{worker} has settled {count} deliveries"), async || {
            let settled: u64 = self.deliveries(worker).await.values().sum();
            (settled >= count).then_some(())
        })
        .await;
    }

    /// The lines that one replica has logged.
    #[must_use]
    pub fn log(&self, service: &str, replica: usize) -> Vec<LogLine> {
        let path = self.stack().folder().log(&format!("{service}-{replica}"));
        let text = std::fs::read_to_string(path).expect("a log file");
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The lines of a replica's log about one order, once one of them has this message.
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

//! Parked messages, as staff handle them.

use crate::{eventually::eventually, shop::Shop};
use contract::parked::{ParkedFilter, ParkedQuery, ParkedResult, ParkedSelection, ParkedSummary};
use serde_json::json;

/// The largest page of operations-service.
const LARGEST_PAGE: u32 = 100;
/// A body that no worker can decode.
pub const POISON: &str = "not JSON";

impl Shop {
    /// Publishes a message that its worker parks.
    pub async fn poisons(&self, event: &str, message_id: &str) {
        let properties =
            json!({ "delivery_mode": 2, "message_id": message_id, "type": event, "headers": {} });
        self.broker().publish("orders", event, &properties, POISON).await.expect("publish poison");
    }

    /// Rejects one message of a queue before its worker handles it, so that RabbitMQ parks it. Returns its own id.
    pub async fn rejects_one(&self, queue: &str) -> String {
        let rejected = eventually(&format!("a message of {queue} is rejected"), async || {
            self.broker().reject(queue, 1).await.expect("reject a message").pop()
        })
        .await;
        rejected.properties["message_id"].as_str().expect("an id").to_owned()
    }

    /// Waits until this many messages are parked, and returns them. There are at most 100.
    pub async fn sees_parked(&self, count: usize) -> Vec<ParkedSummary> {
        let staff = self.staff().await;
        let query = ParkedQuery { limit: Some(LARGEST_PAGE), ..ParkedQuery::default() };
        eventually(&format!("{count} messages are parked"), async || {
            let page = staff.parked(&query).await.ok()?;
            // `total` is counted after the page is read.
            (page.items.len() == count).then_some(page.items)
        })
        .await
    }

    /// Replays all parked messages.
    pub async fn replays_all(&self) -> Vec<ParkedResult> {
        let filter = Some(ParkedFilter::default());
        let mut selection = ParkedSelection { filter, ..ParkedSelection::default() };
        let mut results = Vec::new();
        loop {
            let page = self.staff().await.replay_parked(&selection).await.expect("replay parked messages");
            results.extend(page.items);
            selection.cursor = page.next_cursor;
            if selection.cursor.is_none() {
                return results;
            }
        }
    }

    /// Waits until the broker has counted this many messages in the parking queue.
    pub async fn parking_queue_has(&self, count: u64) {
        eventually(&format!("{count} messages wait in the parking queue"), async || {
            let queues = self.broker().queues().await.expect("list queues");
            queues.iter().any(|queue| queue.name == "parking" && queue.messages == count).then_some(())
        })
        .await;
    }
}

//! Fault 17: parked messages are replayed several times.

use contract::parked::ParkedOutcome;
use serde_json::{Value, json};
use sqlx::Row;
use system_tests::{Load, Shop, eventually};

/// The number of parked messages of each work queue.
const PARKED: usize = 30;

#[tokio::test]
async fn fault_17_parked_messages_are_replayed_and_replayed_again() {
    let shop = Shop::start_as(|system| system.without("order-processor").without("payment-worker")).await;
    let mut parked = Vec::new();
    let parks_and_replays = async {
        parks(&shop, "order-processor").await;
        shop.stack().scale("order-processor", 1).await.unwrap();
        parks(&shop, "payment-worker").await;
        shop.stack().scale("payment-worker", 1).await.unwrap();

        parked = in_parking(&shop).await;
        replays(&shop).await;
        // Replay again while the orders progress.
        parks_again(&shop, &parked).await;
        replays(&shop).await;
    };
    let outcome = Load::on(&shop).during(parks_and_replays).await;
    outcome.holds(&shop).await;

    // Replay again after all orders are final.
    parks_again(&shop, &parked).await;
    replays(&shop).await;
    outcome.holds(&shop).await;
}

/// Rejects messages of a queue before a worker handles them, so that RabbitMQ parks them.
async fn parks(shop: &Shop, queue: &str) {
    let mut parked = 0;
    eventually(&format!("{PARKED} messages of {queue} are parked"), async || {
        parked += shop.broker().reject(queue, PARKED - parked).await.unwrap().len();
        (parked == PARKED).then_some(())
    })
    .await;
}

/// A parked message: its queue, properties and body.
type Message = (String, Value, String);

/// Waits until all of them are stored, and returns them as they were parked.
async fn in_parking(shop: &Shop) -> Vec<Message> {
    shop.sees_parked(2 * PARKED).await;
    let query = "SELECT queue, properties, headers, body FROM parked_messages WHERE state = 'parked'";
    let rows = sqlx::query(query).fetch_all(&shop.database("operations-service")).await.unwrap();
    let message = |row: sqlx::postgres::PgRow| {
        let Value::Object(properties) = row.get::<Value, _>("properties") else { panic!("no properties") };
        // The management API refuses properties that are null.
        let mut properties: Value = properties.into_iter().filter(|(_, value)| !value.is_null()).collect();
        properties["headers"] = json!({ "traceparent": row.get::<Value, _>("headers")["traceparent"] });
        (row.get("queue"), properties, String::from_utf8(row.get("body")).unwrap())
    };
    rows.into_iter().map(message).collect()
}

async fn parks_again(shop: &Shop, parked: &[Message]) {
    for (queue, properties, payload) in parked {
        shop.broker().publish("park", queue, properties, payload).await.unwrap();
    }
    shop.sees_parked(2 * PARKED).await;
}

/// Replays all parked messages, as staff do.
async fn replays(shop: &Shop) {
    let replayed = shop.replays_all().await;
    assert_eq!(replayed.len(), 2 * PARKED);
    assert!(replayed.iter().all(|message| message.outcome == ParkedOutcome::Replayed), "{replayed:?}");
}

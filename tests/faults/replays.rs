//! Fault 17: what was parked is sent back, more than once.

use system_tests::{Load, Message, Shop, eventually};

/// Messages of each work queue that are parked.
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

        eventually("all of them are in parking", async || {
            parked.extend(shop.broker().take("parking", 2 * PARKED).await.unwrap());
            (parked.len() == 2 * PARKED).then_some(())
        })
        .await;
        for message in parked.iter().chain(parked.iter().rev()) {
            replays(&shop, message).await;
        }
    };
    let played = Load::on(&shop).during(parks_and_replays).await;
    played.holds(&shop).await;

    for message in &parked {
        replays(&shop, message).await;
    }
    played.holds(&shop).await;
}

/// Has messages of a queue parked that nobody has handled.
async fn parks(shop: &Shop, queue: &str) {
    let mut parked = 0;
    eventually(&format!("{PARKED} messages of {queue} are parked"), async || {
        parked += shop.broker().reject(queue, PARKED - parked).await.unwrap().len();
        (parked == PARKED).then_some(())
    })
    .await;
}

async fn replays(shop: &Shop, message: &Message) {
    // Parking keeps the name of the queue that a message comes from.
    let Message { routing_key, properties, payload } = message;
    shop.broker().publish("work", routing_key, properties, payload).await.unwrap();
}

//! Fault 17: parked messages are replayed several times.

use messaging::{
    connection::{Broker, BrokerOptions},
    parking::{Outcome, Parking, Which},
};
use system_tests::{Load, Message, Shop, eventually};

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

async fn in_parking(shop: &Shop) -> Vec<Message> {
    eventually("all of them are in parking", async || {
        let parked = shop.broker().peek("parking", 4 * PARKED).await.unwrap();
        (parked.len() == 2 * PARKED).then_some(parked)
    })
    .await
}

async fn parks_again(shop: &Shop, parked: &[Message]) {
    for Message { routing_key, properties, payload } in parked {
        shop.broker().publish("park", routing_key, properties, payload).await.unwrap();
    }
    in_parking(shop).await;
}

/// Replays all parked messages, as an operator does.
async fn replays(shop: &Shop) {
    let amqp_url = shop.stack().amqp_url().unwrap().as_str().parse().unwrap();
    let parking = Parking::new(Broker::new(&BrokerOptions { amqp_url }, "test"));
    let replayed = parking.replay(&Which::All).await.unwrap();
    assert_eq!(replayed.len(), 2 * PARKED);
    assert!(replayed.iter().all(|message| message.outcome == Outcome::Replayed), "{replayed:?}");
}

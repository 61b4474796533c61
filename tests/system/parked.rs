//! Operators list, replay and discard parked messages.

use contract::orders::OrderStatus::Completed;
use messaging::{
    connection::{Broker, BrokerOptions},
    parking::{Outcome, Parking, ParkingError, Replayed, Summary, Which},
};
use serde_json::json;
use system_tests::{STATUSES_OF_A_GOOD_ORDER, Shop, eventually};

const POISON: &str = "not JSON";
const LIST_LIMIT: usize = 100;

fn parking_of(shop: &Shop) -> Parking {
    let amqp_url = shop.stack().amqp_url().unwrap().as_str().parse().unwrap();
    Parking::new(Broker::new(&BrokerOptions { amqp_url }, "test"))
}

/// Waits until this many messages are parked, and returns their summaries.
async fn parked(parking: &Parking, count: usize) -> Vec<Summary> {
    eventually(&format!("{count} messages are parked"), async || {
        let parked = parking.list(LIST_LIMIT).await.unwrap().messages;
        (parked.len() == count).then_some(parked)
    })
    .await
}

fn ids(ids: &[&str]) -> Which {
    Which::Ids(ids.iter().map(ToString::to_string).collect())
}

fn replayed(id: &str, queue: &str) -> Replayed {
    Replayed { id: id.to_owned(), queue: Some(queue.to_owned()), order_id: None, outcome: Outcome::Replayed }
}

#[tokio::test]
async fn poison_can_be_read_replayed_and_discarded() {
    let shop = Shop::start().await;
    let parking = parking_of(&shop);
    assert!(parking.list(LIST_LIMIT).await.unwrap().messages.is_empty());
    let properties = json!({ "delivery_mode": 2, "message_id": "m-1", "type": "order_reserved" });
    shop.broker().publish("orders", "order_reserved", &properties, POISON).await.unwrap();
    shop.broker().publish("orders", "order_created", &json!({}), POISON).await.unwrap();

    let found = parked(&parking, 2).await;
    let Summary { queue, kind, reason, attempt, bytes, parked_at, .. } =
        found.iter().find(|summary| summary.id == "m-1").unwrap();
    assert_eq!((queue.as_deref(), kind.as_deref()), (Some("payment-worker"), Some("order_reserved")));
    assert!(reason.starts_with("not a valid order event"), "{reason}");
    assert_eq!((*attempt, *bytes, parked_at.is_some()), (0, POISON.len(), true));
    let bare = found.iter().find(|summary| summary.id != "m-1").unwrap();
    assert_eq!(bare.queue.as_deref(), Some("order-processor"));
    let bare = bare.id.clone();
    assert!(bare.starts_with("body-"), "{bare}");
    let shown = parking.show(std::slice::from_ref(&bare)).await.unwrap();
    assert_eq!(shown.iter().map(|parked| parked.body.as_str()).collect::<Vec<_>>(), [POISON]);

    let unknown = parking.replay(&ids(&["m-1", "m-2"])).await.unwrap_err();
    assert!(matches!(unknown, ParkingError::Unknown(id) if id == "m-2"));
    parked(&parking, 2).await;

    // Replayed poison messages are parked again with the same id and without a counted attempt.
    for round in 2..4 {
        let mut back = parking.replay(&Which::All).await.unwrap();
        back.sort_by_key(|message| message.queue.clone());
        assert_eq!(back, [replayed(&bare, "order-processor"), replayed("m-1", "payment-worker")]);
        shop.worker_settles("order-processor", round).await;
        shop.worker_settles("payment-worker", round).await;
        parked(&parking, 2).await;
    }

    assert_eq!(parking.discard(&["m-1".to_owned()]).await.unwrap().len(), 1);
    let gone = parking.discard(&["m-1".to_owned()]).await.unwrap_err();
    assert!(matches!(gone, ParkingError::Unknown(id) if id == "m-1"));
    parking.discard(&[bare]).await.unwrap();
    shop.settles().await;
}

#[tokio::test]
async fn replaying_handled_messages_has_no_effect() {
    let shop = Shop::start().await;
    shop.records_events().await;
    let parking = parking_of(&shop);
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.reaches(Completed).await;
    let events = shop.recorded_events(order.id, 4).await;
    for (event, queue) in events.iter().zip(["order-processor", "payment-worker", "order-processor"]) {
        shop.broker().publish("park", queue, &event.properties, &event.payload).await.unwrap();
    }
    let found = parked(&parking, 3).await;
    assert!(found.iter().all(|parked| parked.order_id == Some(order.id.to_string())));

    let back = parking.replay(&Which::All).await.unwrap();

    assert!(back.iter().all(|message| message.outcome == Outcome::Replayed), "{back:?}");
    shop.worker_settles("order-processor", 4).await;
    shop.worker_settles("payment-worker", 2).await;
    assert_eq!(order.history().await, STATUSES_OF_A_GOOD_ORDER);
    assert!(order.account().await.holds_once(900));
    shop.stock_becomes(&tea, 8, 0).await;
    shop.settles().await;
}

//! Workers die, peers are away, messages make no sense: nothing is lost and nobody is charged twice.

use common::contract::orders::OrderStatus::{Completed, Reserved};
use futures_util::{StreamExt, stream};
use serde_json::json;
use system_tests::{Message, PlacedOrder, Shelf, Shop, eventually};

const ORDERS: usize = 60;

#[tokio::test]
async fn killing_one_of_several_workers_loses_nothing() {
    let shop = Shop::start_as(|system| system.scale("order-processor", 3).scale("payment-worker", 2)).await;
    consumers_become(&shop, 3, 2).await;
    let tea = shop.sells("tea", 450, 1000).await;
    let ada = shop.customer("ada").await;
    let orders: Vec<PlacedOrder> = stream::repeat_with(|| ada.places(&[(&tea, 1)]).into_future())
        .take(ORDERS)
        .buffer_unordered(8)
        .collect()
        .await;

    eventually("the first orders are completed", async || {
        let sold = 1000 - shop.shelf(&tea).await.on_hand;
        (sold >= 5).then_some(())
    })
    .await;
    shop.stack().kill("order-processor", 1).await.unwrap();
    shop.stack().kill("payment-worker", 1).await.unwrap();

    for order in &orders {
        order.reaches(Completed).await;
        assert!(order.account().await.holds_once(450), "order {}", order.id);
    }
    assert_eq!(shop.shelf(&tea).await, Shelf { on_hand: 940, reserved: 0 });
    consumers_become(&shop, 2, 1).await;
    shop.settles().await;
}

async fn consumers_become(shop: &Shop, processors: u64, payment_workers: u64) {
    for (queue, count) in [("order-processor", processors), ("payment-worker", payment_workers)] {
        eventually(&format!("{count} consume from {queue}"), async || {
            let queue = shop.broker().queue(queue).await.unwrap()?;
            (queue.consumers == count).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_message_that_makes_no_sense_is_parked_and_the_queue_goes_on() {
    let shop = Shop::start().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let poison = [
        ("order_created", "not JSON", "the body is no order event"),
        ("order_created", r#"{"schema":1}"#, "missing field"),
        ("order_reserved", r#"{"schema":2,"status":"on a form to come"}"#, "the body has schema 2"),
    ];
    for (key, body, _) in poison {
        let properties = json!({ "delivery_mode": 2, "message_id": body, "headers": {} });
        shop.broker().publish("orders", key, &properties, body).await.unwrap();
    }

    ada.places(&[(&tea, 2)]).await.reaches(Completed).await;

    let parked: Vec<Message> = eventually("all three are parked", async || {
        let parked = shop.broker().peek("parking", 10).await.unwrap();
        (parked.len() == poison.len()).then_some(parked)
    })
    .await;
    for (key, body, reason) in poison {
        let parked = parked.iter().find(|message| message.payload == body).unwrap();
        let told = parked.properties["headers"]["x-reason"].as_str().unwrap();
        assert!(told.contains(reason), "{told}");
        let queue = if key == "order_created" { "order-processor" } else { "payment-worker" };
        assert_eq!(parked.routing_key, queue, "so that it can be sent back to where it came from");
        assert_eq!(parked.properties["message_id"], body);
    }
}

#[tokio::test]
async fn an_order_waits_for_a_provider_that_is_away() {
    let shop = Shop::start().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.provider().suffers(json!({ "unavailable": true })).await;
    let order = ada.places(&[(&tea, 2)]).await;
    eventually("the charge is put off", async || {
        shop.deliveries("payment-worker").await.contains_key("retry").then_some(())
    })
    .await;
    assert_eq!(order.now().await.status, Reserved);
    assert_eq!(shop.shelf(&tea).await, Shelf { on_hand: 10, reserved: 2 });

    shop.provider().recovers().await;

    order.reaches(Completed).await;
    assert!(order.account().await.holds_once(900));
    shop.settles().await;
}

#[tokio::test]
async fn a_charge_whose_answer_is_a_fault_is_asked_after_and_not_repeated() {
    let shop = Shop::start().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.provider().suffers(json!({ "error_after_capture": 1 })).await;

    let order = ada.places(&[(&tea, 2)]).await;

    order.reaches(Completed).await;
    assert!(order.account().await.holds_once(900));
    shop.settles().await;
}

#[tokio::test]
async fn workers_wait_for_services_that_are_away() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.stack().stop("catalog-service", 1).await.unwrap();
    let order = ada.places(&[(&tea, 2)]).await;
    eventually("the reservation is put off", async || {
        shop.deliveries("order-processor").await.contains_key("retry").then_some(())
    })
    .await;

    shop.stack().start("catalog-service", 1).await.unwrap();

    order.reaches(Completed).await;
    assert_eq!(shop.shelf(&tea).await, Shelf { on_hand: 8, reserved: 0 });
    shop.settles().await;
}

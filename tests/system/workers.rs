//! Workers die, peers are unavailable, and messages are invalid. No order is lost or charged twice.

use contract::orders::OrderStatus::{Completed, Reserved};
use futures_util::{StreamExt, stream};
use serde_json::json;
use system_tests::{PlacedOrder, STATUSES_OF_A_GOOD_ORDER, Shop, Stock, eventually};

const ORDERS: usize = 60;

#[tokio::test]
async fn a_killed_worker_loses_no_order() {
    // With a small prefetch, most orders still wait in the queues when two workers die.
    let shop = Shop::start_as(|system| {
        system
            .scale("order-processor", 3)
            .scale("payment-worker", 2)
            .env("order-processor", "PREFETCH", "4")
            .env("payment-worker", "PREFETCH", "4")
    })
    .await;
    consumers_become(&shop, 3, 2).await;
    let tea = shop.sells("tea", 450, 1000).await;
    let ada = shop.customer("ada").await;
    let orders: Vec<PlacedOrder> = stream::repeat_with(|| ada.places(&[(&tea, 1)]).into_future())
        .take(ORDERS)
        .buffer_unordered(8)
        .collect()
        .await;

    eventually("the first orders are completed", async || {
        let sold = 1000 - shop.stock(&tea).await.on_hand;
        (sold >= 5).then_some(())
    })
    .await;
    shop.stack().kill("order-processor", 1).await.unwrap();
    shop.stack().kill("payment-worker", 1).await.unwrap();

    for order in &orders {
        order.reaches(Completed).await;
        assert!(order.account().await.holds_once(450), "order {}", order.id);
    }
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 940, reserved: 0 });
    consumers_become(&shop, 2, 1).await;
    shop.settles().await;
}

async fn consumers_become(shop: &Shop, processors: u64, payment_workers: u64) {
    for (queue, count) in [("order-processor", processors), ("payment-worker", payment_workers)] {
        eventually(&format!("{queue} has {count} consumers"), async || {
            let queue = shop.broker().queue(queue).await.unwrap()?;
            (queue.consumers == count).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn an_invalid_message_is_parked_and_others_are_handled() {
    let shop = Shop::start().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let poison = [
        ("order_created", "not JSON", "not a valid event"),
        ("order_created", r#"{"schema":1}"#, "missing field"),
        ("order_reserved", r#"{"schema":0,"status":"of no form"}"#, "the body has schema 0"),
    ];
    for (key, body, _) in poison {
        let properties = json!({ "delivery_mode": 2, "message_id": body, "headers": {} });
        shop.broker().publish("orders", key, &properties, body).await.unwrap();
    }

    ada.places(&[(&tea, 2)]).await.reaches(Completed).await;

    let parked = shop.sees_parked(poison.len()).await;
    for (key, body, reason) in poison {
        let parked = parked.iter().find(|message| message.message_id.as_deref() == Some(body)).unwrap();
        assert!(parked.reason.contains(reason), "{}", parked.reason);
        let queue = if key == "order_created" { "order-processor" } else { "payment-worker" };
        assert_eq!(parked.queue.as_deref(), Some(queue), "the original queue, for a replay");
    }
}

#[tokio::test]
async fn a_message_of_a_later_schema_waits_without_counted_attempts() {
    let shop = Shop::start().await;
    let body = r#"{"schema":2,"status":"of a form to come"}"#;
    let properties = json!({ "delivery_mode": 2, "message_id": "later", "headers": {} });
    shop.broker().publish("orders", "order_reserved", &properties, body).await.unwrap();

    // The message comes back after 5 s and is postponed again.
    eventually("the worker has postponed it twice", async || {
        let postponed =
            shop.counted("payment-worker", "messages_of_later_schema_total", "payment-worker").await;
        (postponed >= 2.0).then_some(())
    })
    .await;
    let waiting =
        eventually("it waits on the ladder", async || shop.broker().peek("retry.5s", 1).await.unwrap().pop())
            .await;
    let headers = &waiting.properties["headers"];
    assert_eq!(waiting.payload, body);
    assert!(headers["x-waiting-since"].is_number(), "{headers}");
    assert!(headers["x-attempt"].is_null(), "{headers}");
    shop.sees_parked(0).await;
}

/// The log message of a worker that holds a message while a peer is unavailable.
const HOLDS: &str = "no message succeeds; holding this one";

#[tokio::test]
async fn an_order_waits_for_an_unavailable_provider() {
    let shop = Shop::start().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.provider().has_faults(json!({ "unavailable_percent": 100 })).await;
    let order = ada.places(&[(&tea, 2)]).await;
    shop.log_about("payment-worker", 1, order.id, HOLDS).await;
    assert_eq!(order.now().await.status, Reserved);
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 10, reserved: 2 });

    shop.provider().recovers().await;

    order.reaches(Completed).await;
    assert!(order.account().await.holds_once(900));
    shop.settles().await;
}

#[tokio::test]
async fn an_order_waits_for_an_unavailable_service() {
    let shop = Shop::start().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.stack().stop("catalog-service", 1).await.unwrap();
    let order = ada.places(&[(&tea, 2)]).await;
    shop.log_about("order-processor", 1, order.id, HOLDS).await;

    shop.stack().start("catalog-service", 1).await.unwrap();

    order.reaches(Completed).await;
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 8, reserved: 0 });
    shop.settles().await;
}

#[tokio::test]
async fn a_charge_without_an_answer_blocks_no_others_and_is_not_repeated() {
    let shop = Shop::start().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.provider().has_faults(json!({ "timeout_after_capture": 1 })).await;
    let unlucky = ada.places(&[(&tea, 2)]).await;
    eventually("the money is captured", async || (unlucky.account().await.captured == 900).then_some(()))
        .await;

    ada.places(&[(&tea, 1)]).await.reaches(Completed).await;
    assert_eq!(unlucky.now().await.status, Reserved);

    unlucky.reaches(Completed).await;
    assert_eq!(shop.deliveries("payment-worker").await.get("retry"), None, "no retry on the ladder");
    assert!(unlucky.account().await.holds_once(900));
    shop.settles().await;
}

#[tokio::test]
async fn a_charge_with_an_error_answer_is_looked_up_and_not_repeated() {
    let shop = Shop::start().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.provider().has_faults(json!({ "error_after_capture": 1 })).await;

    let order = ada.places(&[(&tea, 2)]).await;

    order.reaches(Completed).await;
    assert!(order.account().await.holds_once(900));
    shop.settles().await;
}

#[tokio::test]
async fn a_purged_or_deleted_queue_loses_no_order() {
    let shop = Shop::start_as(|system| system.env("order-service", "NUDGE_AFTER_SECONDS", "1")).await;
    shop.records_events().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    for delete in [false, true] {
        shop.stack().stop("order-processor", 1).await.unwrap();
        let order = ada.places(&[(&tea, 1)]).await;
        shop.recorded_events(order.id, 1).await;
        if delete {
            shop.broker().delete_queue("order-processor").await.unwrap();
        } else {
            shop.broker().purge("order-processor").await.unwrap();
        }
        shop.stack().start("order-processor", 1).await.unwrap();

        order.reaches(Completed).await;
        assert_eq!(order.history().await, STATUSES_OF_A_GOOD_ORDER);
        assert!(order.account().await.holds_once(450));
    }
    shop.settles().await;
}

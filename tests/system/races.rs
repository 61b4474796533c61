//! Forced races: concurrent requests, duplicate events, and events in the wrong order.

use contract::orders::OrderStatus::{Cancelled, Completed, New, Paid, PaymentFailed, Rejected, Reserved};
use serde_json::json;
use system_tests::{DECLINED, Message, Shop, Stock, VISA, eventually};

#[tokio::test]
async fn an_order_can_be_cancelled_while_its_stock_is_reserved() {
    // Workers send their PATCH to the first replica. While it is frozen, the PATCH has no answer.
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.stack().pause("order-service", 1).unwrap();
    let order = ada.places(&[(&tea, 2)]).at(2).await;
    shop.stock_becomes(&tea, 10, 2).await;

    ada.through(2).await.cancel(order.id).await.unwrap();
    shop.stack().resume("order-service", 1).unwrap();

    let released = "the order has ended; releasing its stock";
    shop.log_about("order-processor", 1, order.id, released).await;
    shop.stock_becomes(&tea, 10, 0).await;
    assert_eq!(order.history().await, [New, Cancelled]);
    assert!(order.account().await.charges.is_empty());
    shop.settles().await;
}

#[tokio::test]
async fn a_cancellation_can_overtake_the_creation() {
    // With one delivery at a time, the sequence of the two events is fixed.
    let shop =
        Shop::start_as(|system| system.without("order-processor").env("order-processor", "PREFETCH", "1"))
            .await;
    shop.records_events().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.cancel().await.unwrap();

    let [created, cancelled] = shop.recorded_events(order.id, 2).await.try_into().unwrap();
    shop.broker().purge("order-processor").await.unwrap();
    shop.repeat(&cancelled).await;
    shop.repeat(&created).await;
    shop.stack().scale("order-processor", 1).await.unwrap();
    shop.worker_settles("order-processor", 2).await;

    assert_eq!(order.history().await, [New, Cancelled]);
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 10, reserved: 0 });
    shop.settles().await;
}

#[tokio::test]
async fn an_order_can_be_cancelled_while_its_card_is_charged() {
    let shop = Shop::start().await;
    shop.records_events().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.provider().has_faults(json!({ "delay_ms": 2000 })).await;
    let order = ada.places(&[(&tea, 2)]).await;
    let payments = shop.database("payment-worker");
    eventually("the charge is started", async || {
        let started: Option<String> = sqlx::query_scalar("select status from charges where order_id = $1")
            .bind(order.id.uuid())
            .fetch_optional(&payments)
            .await
            .unwrap();
        started.map(|status| assert_eq!(status, "started"))
    })
    .await;

    order.cancel().await.unwrap();
    shop.provider().recovers().await;

    eventually("the charge is refunded", async || order.account().await.paid_back(900).then_some(())).await;
    shop.stock_becomes(&tea, 10, 0).await;
    assert_eq!(order.history().await, [New, Reserved, Cancelled]);

    // The repeated events neither charge nor refund again.
    for event in shop.recorded_events(order.id, 3).await {
        shop.repeat(&event).await;
    }
    shop.worker_settles("payment-worker", 2).await;
    assert!(order.account().await.paid_back(900));
    shop.settles().await;
}

#[tokio::test]
async fn concurrent_duplicates_of_an_event_have_one_effect() {
    const TIMES: u64 = 6;
    let shop = Shop::start_as(|system| system.without("order-processor").without("payment-worker")).await;
    shop.records_events().await;
    let tea = shop.sells("tea", 450, 100).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;

    let created = shop.recorded_events(order.id, 1).await.remove(0);
    for _ in 1..TIMES {
        shop.repeat(&created).await;
    }
    shop.stack().scale("order-processor", 1).await.unwrap();
    shop.worker_settles("order-processor", TIMES).await;
    assert_eq!(order.history().await, [New, Reserved]);
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 100, reserved: 2 });

    let reserved = shop.recorded_events(order.id, 2).await.remove(1);
    for _ in 1..TIMES {
        shop.repeat(&reserved).await;
    }
    shop.stack().scale("payment-worker", 1).await.unwrap();
    shop.worker_settles("payment-worker", TIMES).await;
    order.reaches(Completed).await;
    assert!(order.account().await.holds_once(900));
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 98, reserved: 0 });
    shop.settles().await;
}

#[tokio::test]
async fn repeated_events_in_reverse_order_have_no_effect() {
    let shop = Shop::start().await;
    shop.records_events().await;
    let tea = shop.sells("tea", 450, 100).await;
    let ada = shop.customer("ada").await;

    let paid_again = ada.places(&[(&tea, 2)]).paying(DECLINED).await;
    paid_again.reaches(PaymentFailed).await;
    paid_again.pay(VISA).await.unwrap();
    paid_again.reaches(Completed).await;
    let cancelled = ada.places(&[(&tea, 3)]).paying(DECLINED).await;
    cancelled.reaches(PaymentFailed).await;
    cancelled.cancel().await.unwrap();
    shop.stock_becomes(&tea, 98, 0).await;

    let mut events = shop.recorded_events(paid_again.id, 6).await;
    events.extend(shop.recorded_events(cancelled.id, 4).await);
    for _ in 0..2 {
        for event in events.iter().rev() {
            shop.repeat(event).await;
        }
    }

    // Each worker gets its events three times: the original and two copies.
    let deliveries = |keys: &[&str]| {
        let of_worker = |event: &&Message| keys.contains(&event.routing_key.as_str());
        3 * u64::try_from(events.iter().filter(of_worker).count()).unwrap()
    };
    shop.worker_settles("payment-worker", deliveries(&["order_reserved"])).await;
    let count = deliveries(&["order_created", "order_paid", "order_cancelled"]);
    shop.worker_settles("order-processor", count).await;
    let history = [New, Reserved, PaymentFailed, Reserved, Paid, Completed];
    assert_eq!(paid_again.history().await, history);
    assert!(paid_again.account().await.holds_once(900));
    assert_eq!(cancelled.history().await, [New, Reserved, PaymentFailed, Cancelled]);
    assert!(cancelled.account().await.is_untouched());
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 98, reserved: 0 });
    shop.settles().await;
}

#[tokio::test]
async fn a_rejected_order_does_not_reserve_later_stock() {
    let shop = Shop::start().await;
    shop.records_events().await;
    let tea = shop.sells("tea", 450, 1).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.reaches(Rejected).await;

    shop.staff().await.set_stock(tea.id, 10).await.unwrap();
    let created = shop.recorded_events(order.id, 1).await.remove(0);
    shop.repeat(&created).await;
    shop.worker_settles("order-processor", 2).await;

    assert_eq!(order.history().await, [New, Rejected]);
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 10, reserved: 0 });
    shop.settles().await;
}

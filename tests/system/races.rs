//! Each race that the design names, made to happen: two things that come at the same time, twice, or
//! in the wrong order.

use common::contract::orders::OrderStatus::{
    Cancelled, Completed, New, Paid, PaymentFailed, Rejected, Reserved,
};
use serde_json::json;
use system_tests::{DECLINED, Message, Shelf, Shop, VISA, eventually};

#[tokio::test]
async fn cancelled_while_its_stock_is_being_reserved() {
    // Workers speak to the first replica: while it is frozen, a PATCH is under way.
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.stack().pause("order-service", 1).unwrap();
    let order = ada.places(&[(&tea, 2)]).at(2).await;
    shop.shelf_becomes(&tea, 10, 2).await;

    ada.through(2).await.cancel(order.id).await.unwrap();
    shop.stack().resume("order-service", 1).unwrap();

    let gave_back = "the order has ended; releasing its stock";
    shop.log_about("order-processor", 1, order.id, gave_back).await;
    shop.shelf_becomes(&tea, 10, 0).await;
    assert_eq!(order.history().await, [New, Cancelled]);
    assert!(order.account().await.charges.is_empty());
    shop.settles().await;
}

#[tokio::test]
async fn cancelled_before_its_creation_is_heard_of() {
    // One delivery at a time, so that the order of the two is certain.
    let shop =
        Shop::start_as(|system| system.without("order-processor").env("order-processor", "PREFETCH", "1"))
            .await;
    shop.listens_in().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.cancel().await.unwrap();

    let [created, cancelled] = shop.overheard(order.id, 2).await.try_into().unwrap();
    shop.broker().purge("order-processor").await.unwrap();
    shop.repeat(&cancelled).await;
    shop.repeat(&created).await;
    shop.stack().scale("order-processor", 1).await.unwrap();
    shop.worker_settles("order-processor", 2).await;

    assert_eq!(order.history().await, [New, Cancelled]);
    assert_eq!(shop.shelf(&tea).await, Shelf { on_hand: 10, reserved: 0 });
    shop.settles().await;
}

#[tokio::test]
async fn cancelled_while_the_card_is_being_charged() {
    let shop = Shop::start().await;
    shop.listens_in().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.provider().suffers(json!({ "delay_ms": 2000 })).await;
    let order = ada.places(&[(&tea, 2)]).await;
    let payments = shop.database("payment-worker");
    eventually("the charge is under way", async || {
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

    eventually("the charge is paid back", async || order.account().await.paid_back(900).then_some(())).await;
    shop.shelf_becomes(&tea, 10, 0).await;
    assert_eq!(order.history().await, [New, Reserved, Cancelled]);

    // Hearing of it again charges nothing and pays nothing back.
    for event in shop.overheard(order.id, 3).await {
        shop.repeat(&event).await;
    }
    shop.worker_settles("payment-worker", 2).await;
    assert!(order.account().await.paid_back(900));
    shop.settles().await;
}

#[tokio::test]
async fn the_same_event_many_times_at_once() {
    const TIMES: u64 = 6;
    let shop = Shop::start_as(|system| system.without("order-processor").without("payment-worker")).await;
    shop.listens_in().await;
    let tea = shop.sells("tea", 450, 100).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;

    let created = shop.overheard(order.id, 1).await.remove(0);
    for _ in 1..TIMES {
        shop.repeat(&created).await;
    }
    shop.stack().scale("order-processor", 1).await.unwrap();
    shop.worker_settles("order-processor", TIMES).await;
    assert_eq!(order.history().await, [New, Reserved]);
    assert_eq!(shop.shelf(&tea).await, Shelf { on_hand: 100, reserved: 2 });

    let reserved = shop.overheard(order.id, 2).await.remove(1);
    for _ in 1..TIMES {
        shop.repeat(&reserved).await;
    }
    shop.stack().scale("payment-worker", 1).await.unwrap();
    shop.worker_settles("payment-worker", TIMES).await;
    order.reaches(Completed).await;
    assert!(order.account().await.holds_once(900));
    assert_eq!(shop.shelf(&tea).await, Shelf { on_hand: 98, reserved: 0 });
    shop.settles().await;
}

#[tokio::test]
async fn the_whole_history_backwards_and_twice() {
    let shop = Shop::start().await;
    shop.listens_in().await;
    let tea = shop.sells("tea", 450, 100).await;
    let ada = shop.customer("ada").await;

    let paid_again = ada.places(&[(&tea, 2)]).paying(DECLINED).await;
    paid_again.reaches(PaymentFailed).await;
    paid_again.pay(VISA).await.unwrap();
    paid_again.reaches(Completed).await;
    let called_off = ada.places(&[(&tea, 3)]).paying(DECLINED).await;
    called_off.reaches(PaymentFailed).await;
    called_off.cancel().await.unwrap();
    shop.shelf_becomes(&tea, 98, 0).await;

    let mut events = shop.overheard(paid_again.id, 6).await;
    events.extend(shop.overheard(called_off.id, 4).await);
    for _ in 0..2 {
        for event in events.iter().rev() {
            shop.repeat(event).await;
        }
    }

    // Each worker hears the events it takes three times: as they happened, and twice more.
    let taken = |keys: &[&str]| {
        let of_worker = |event: &&Message| keys.contains(&event.routing_key.as_str());
        3 * u64::try_from(events.iter().filter(of_worker).count()).unwrap()
    };
    shop.worker_settles("payment-worker", taken(&["order_reserved"])).await;
    let taken = taken(&["order_created", "order_paid", "order_cancelled"]);
    shop.worker_settles("order-processor", taken).await;
    let history = [New, Reserved, PaymentFailed, Reserved, Paid, Completed];
    assert_eq!(paid_again.history().await, history);
    assert!(paid_again.account().await.holds_once(900));
    assert_eq!(called_off.history().await, [New, Reserved, PaymentFailed, Cancelled]);
    assert!(called_off.account().await.is_untouched());
    assert_eq!(shop.shelf(&tea).await, Shelf { on_hand: 98, reserved: 0 });
    shop.settles().await;
}

#[tokio::test]
async fn a_rejected_order_does_not_take_stock_that_comes_later() {
    let shop = Shop::start().await;
    shop.listens_in().await;
    let tea = shop.sells("tea", 450, 1).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.reaches(Rejected).await;

    shop.staff().await.set_stock(tea.id, 10).await.unwrap();
    let created = shop.overheard(order.id, 1).await.remove(0);
    shop.repeat(&created).await;
    shop.worker_settles("order-processor", 2).await;

    assert_eq!(order.history().await, [New, Rejected]);
    assert_eq!(shop.shelf(&tea).await, Shelf { on_hand: 10, reserved: 0 });
    shop.settles().await;
}

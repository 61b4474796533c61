//! Fault 23: a worker dies after a capture, its message is lost, and the order ends. Only the sweep can find
//! the charge.

use contract::orders::OrderStatus::{Cancelled, Completed};
use serde_json::json;
use std::time::Duration;
use system_tests::{Load, PlacedOrder, Shop, dying, eventually, within};
use tokio::time::sleep;

const WORKER: &str = "payment-worker";
/// The pause before each purge.
const PURGE_INTERVAL: Duration = Duration::from_secs(2);

/// A shop whose worker dies at a failpoint of its first charge. The sweep starts sooner than by default.
async fn shop(moment: &str) -> Shop {
    Shop::start_as(|system| dying(system.env(WORKER, "SWEEP_AFTER_SECONDS", "1"), WORKER, moment, 0)).await
}

/// Waits until the worker is dead, and removes its message from the queue.
async fn loses_its_message(shop: &Shop) {
    let replica = shop.death_of(WORKER).await;
    eventually("the message is back in its queue", async || {
        (shop.broker().take(WORKER, 1).await.unwrap().len() == 1).then_some(())
    })
    .await;
    shop.lives(WORKER);
    shop.stack().launch(WORKER, replica).unwrap();
}

async fn is_paid_back(order: &PlacedOrder<'_>, amount: i64) {
    eventually("the charge is paid back", async || order.account().await.paid_back(amount).then_some(()))
        .await;
}

/// Waits until the sweep has settled every charge whose outcome is known. The sweep doubles its intervals, so the
/// next check of a charge can be as far away as its start. The checker looks at the other charges.
async fn every_charge_is_settled(shop: &Shop) {
    const DEADLINE: Duration = Duration::from_mins(7);
    let ledger = shop.database(WORKER);
    within(DEADLINE, "every charge is settled", async || {
        let unsettled = "select count(*) from charges where looked_at is not null and status <> 'started'";
        let unsettled: i64 = sqlx::query_scalar(unsettled).fetch_one(&ledger).await.unwrap();
        (unsettled == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn fault_23_a_lost_charge_of_a_cancelled_order_is_paid_back() {
    for moment in ["charge.answered", "charge.recorded"] {
        let shop = shop(moment).await;
        let tea = shop.sells("tea", 450, 10).await;
        let ada = shop.customer("ada").await;
        let order = ada.places(&[(&tea, 2)]).await;
        shop.death_of(WORKER).await;
        assert_eq!(order.account().await.captured, 900, "the worker dies at {moment}");
        order.cancel().await.unwrap();
        loses_its_message(&shop).await;

        is_paid_back(&order, 900).await;
        assert_eq!(order.now().await.status, Cancelled);
        every_charge_is_settled(&shop).await;
        shop.stock_becomes(&tea, 10, 0).await;
        shop.settles().await;
    }
}

#[tokio::test]
async fn fault_23_a_charge_that_was_never_made_moves_no_money() {
    let shop = shop("charge.started").await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    shop.death_of(WORKER).await;
    order.cancel().await.unwrap();
    loses_its_message(&shop).await;

    shop.stock_becomes(&tea, 10, 0).await;
    shop.settles().await;
    assert!(order.account().await.charges.is_empty());
    assert_eq!(order.now().await.status, Cancelled);
}

#[tokio::test]
async fn fault_23_a_lost_charge_completes_a_waiting_order() {
    let shop = shop("charge.answered").await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    loses_its_message(&shop).await;

    order.reaches(Completed).await;
    assert!(order.account().await.holds_once(900));
    every_charge_is_settled(&shop).await;
}

#[tokio::test]
async fn fault_23_workers_die_and_lose_their_messages_under_load() {
    let shop = Shop::start_as(|system| {
        let system = system.scale(WORKER, 2).env(WORKER, "SWEEP_AFTER_SECONDS", "1").env(
            "order-service",
            "NUDGE_AFTER_SECONDS",
            "2",
        );
        dying(system, WORKER, "charge.answered", 12)
    })
    .await;
    let fault = async {
        let purges = async {
            loop {
                sleep(PURGE_INTERVAL).await;
                shop.broker().purge(WORKER).await.unwrap();
            }
        };
        tokio::select! {
            () = shop.restarts_dead_replicas(WORKER, 4) => {}
            () = purges => {}
        }
    };
    let outcome = Load::on(&shop).during(fault).await;
    every_charge_is_settled(&shop).await;
    outcome.holds(&shop).await;
}

#[tokio::test]
async fn a_processing_payment_is_neither_repeated_nor_forgotten() {
    let shop = Shop::start_as(|system| {
        system.env(WORKER, "SWEEP_AFTER_SECONDS", "1").env("order-service", "NUDGE_AFTER_SECONDS", "1")
    })
    .await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.provider().has_faults(json!({ "processing": true })).await;
    let (kept, cancelled) = (ada.places(&[(&tea, 2)]).await, ada.places(&[(&tea, 1)]).await);
    for order in [&kept, &cancelled] {
        eventually("the provider has the payment", async || {
            (order.account().await.charges.len() == 1).then_some(())
        })
        .await;
    }
    cancelled.cancel().await.unwrap();
    // The watchdog publishes the event again. The worker finds the payment and must not create another one.
    shop.worker_settles(WORKER, 4).await;

    shop.provider().recovers().await;
    kept.reaches(Completed).await;
    assert!(kept.account().await.holds_once(900), "{:?}", kept.account().await);
    is_paid_back(&cancelled, 450).await;
    every_charge_is_settled(&shop).await;
    shop.settles().await;
}

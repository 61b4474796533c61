//! Faults 1 to 4: processes that die at the worst moment, again and again, and are started again as an
//! orchestrator would.

use serde_json::json;
use system_tests::{Load, Shop, dying};

/// Puts load on a shop in which the two replicas of a service die `times` times in all, each when it
/// comes to `moment` once more than it survives.
async fn die(service: &str, moment: &str, survived: u32, times: usize) {
    let shop = Shop::start_as(|system| {
        // What a dead relay has taken waits for its lease to end: by default half a minute.
        let system = system.scale(service, 2).env("order-service", "RELAY_LEASE_SECONDS", "3");
        dying(system, service, moment, survived)
    })
    .await;
    let outcome = Load::on(&shop).during(shop.restarts_dead_replicas(service, times)).await;
    outcome.holds(&shop).await;
}

#[tokio::test]
async fn fault_1_an_order_is_committed_and_its_event_not_published() {
    die("order-service", "order.committed", 15, 3).await;
}

#[tokio::test]
async fn fault_2_an_event_is_confirmed_and_not_marked() {
    die("order-service", "relay.confirmed", 15, 3).await;
}

#[tokio::test]
async fn fault_3_a_charge_is_started_and_not_asked_for() {
    die("payment-worker", "charge.started", 12, 4).await;
}

#[tokio::test]
async fn fault_3_a_charge_is_answered_and_not_recorded() {
    die("payment-worker", "charge.answered", 12, 4).await;
}

#[tokio::test]
async fn fault_3_a_charge_is_recorded_and_the_order_not_told() {
    die("payment-worker", "charge.recorded", 12, 4).await;
}

#[tokio::test]
async fn fault_3_a_payment_is_handled_and_not_acknowledged() {
    die("payment-worker", "consumer.handled", 12, 4).await;
}

#[tokio::test]
async fn fault_3_stock_is_reserved_and_the_order_not_told() {
    die("order-processor", "stock.reserved", 12, 4).await;
}

#[tokio::test]
async fn fault_3_an_event_is_handled_and_not_acknowledged() {
    die("order-processor", "consumer.handled", 25, 4).await;
}

#[tokio::test]
async fn fault_3_a_change_is_committed_and_not_answered() {
    die("order-service", "order.changed", 40, 3).await;
}

#[tokio::test]
async fn fault_4_a_message_is_put_off_and_not_acknowledged() {
    let shop = Shop::start_as(|system| dying(system, "payment-worker", "consumer.forwarded", 0)).await;
    // Few enough that others get through: then a message takes the ladder, and is not held.
    shop.provider().suffers(json!({ "unavailable_percent": 70 })).await;
    let fault = async {
        shop.restarts_dead_replicas("payment-worker", 1).await;
        shop.provider().recovers().await;
    };
    let outcome = Load::on(&shop).during(fault).await;
    outcome.holds(&shop).await;
}

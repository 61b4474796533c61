//! Faults 1 to 4: processes die at the worst moment, several times. The tests restart them, as an
//! orchestrator would.

use serde_json::json;
use system_tests::{Load, Shop, dying};

/// Runs a load while the two replicas of a service die `times` times in total. A replica dies at the
/// failpoint `moment` after it has passed it `survived` times.
async fn die(service: &str, moment: &str, survived: u32, times: usize) {
    let shop = Shop::start_as(|system| {
        // The events of a dead relay wait until its lease ends, by default after 30 s.
        let system = system.scale(service, 2).env("order-service", "RELAY_LEASE_SECONDS", "3");
        dying(system, service, moment, survived)
    })
    .await;
    let outcome = Load::on(&shop).during(shop.restarts_dead_replicas(service, times)).await;
    outcome.holds(&shop).await;
}

#[tokio::test]
async fn fault_1_order_service_dies_before_it_publishes_a_committed_event() {
    die("order-service", "order.committed", 15, 3).await;
}

#[tokio::test]
async fn fault_2_the_relay_dies_before_it_marks_a_confirmed_event() {
    die("order-service", "relay.confirmed", 15, 3).await;
}

#[tokio::test]
async fn fault_3_the_worker_dies_before_it_asks_for_a_started_charge() {
    die("payment-worker", "charge.started", 12, 4).await;
}

#[tokio::test]
async fn fault_3_the_worker_dies_before_it_records_an_answered_charge() {
    die("payment-worker", "charge.answered", 12, 4).await;
}

#[tokio::test]
async fn fault_3_the_worker_dies_before_it_reports_a_recorded_charge() {
    die("payment-worker", "charge.recorded", 12, 4).await;
}

#[tokio::test]
async fn fault_3_payment_worker_dies_before_it_acknowledges_a_handled_event() {
    die("payment-worker", "consumer.handled", 12, 4).await;
}

#[tokio::test]
async fn fault_3_the_worker_dies_before_it_reports_reserved_stock() {
    die("order-processor", "stock.reserved", 12, 4).await;
}

#[tokio::test]
async fn fault_3_the_worker_dies_before_it_reports_claimed_discounts() {
    die("order-processor", "discounts.claimed", 12, 4).await;
}

#[tokio::test]
async fn fault_3_order_processor_dies_before_it_acknowledges_a_handled_event() {
    die("order-processor", "consumer.handled", 25, 4).await;
}

#[tokio::test]
async fn fault_3_order_service_dies_before_it_answers_a_committed_change() {
    die("order-service", "order.changed", 40, 3).await;
}

#[tokio::test]
async fn fault_4_the_worker_dies_before_it_acknowledges_a_forwarded_message() {
    let shop = Shop::start_as(|system| dying(system, "payment-worker", "consumer.forwarded", 0)).await;
    // Some requests still succeed, so the worker sends a failed message to the retry ladder and does not hold
    // it.
    shop.provider().has_faults(json!({ "unavailable_percent": 70 })).await;
    let fault = async {
        shop.restarts_dead_replicas("payment-worker", 1).await;
        shop.provider().recovers().await;
    };
    let outcome = Load::on(&shop).during(fault).await;
    outcome.holds(&shop).await;
}

//! Fault 30: delivery-service and the carrier are killed and stopped, and the carrier's webhooks are
//! duplicated, reordered, forged and lost.

use contract::deliveries::DeliveryStatus::{Delivered, Lost, Returned};
use serde_json::json;
use std::time::Duration;
use system_tests::{Load, LoadOutcome, Shop, within};
use tokio::time::sleep;

/// The pause between two faults.
const PAUSE: Duration = Duration::from_millis(400);
/// The intervals of the sweep grow during an outage.
const DEADLINE: Duration = Duration::from_mins(4);
const REPLICAS: usize = 2;

/// Waits until every parcel has an end, and checks the invariants.
async fn every_parcel_ends(shop: &Shop, outcome: &LoadOutcome) {
    let ends = [Delivered, Lost, Returned].map(|status| status.as_str().to_owned());
    let database = shop.database("delivery-service");
    within(DEADLINE, "every parcel with an address has an end", async || {
        let query = "SELECT count(*) FROM shipments WHERE address IS NOT NULL AND status <> ALL($1)";
        let open: i64 =
            sqlx::query_scalar(query).bind(&ends[..]).fetch_one(&database).await.expect("count shipments");
        (open == 0).then_some(())
    })
    .await;
    outcome.holds(shop).await;
}

#[tokio::test]
async fn fault_30_delivery_service_and_the_carrier_are_killed_and_stopped() {
    let shop = Shop::start_as(|system| system.scale("delivery-service", REPLICAS)).await;
    let fault = async {
        for round in 0..8 {
            let victims = [("delivery-service", 1 + round % REPLICAS), ("carrier-simulator", 1)];
            for (service, replica) in victims {
                sleep(PAUSE).await;
                if round % 4 == 3 {
                    shop.stack().stop(service, replica).await.unwrap();
                } else {
                    shop.stack().kill(service, replica).await.unwrap();
                }
                sleep(PAUSE).await;
                shop.stack().launch(service, replica).unwrap();
            }
        }
    };
    let outcome = Load::on(&shop).during(fault).await;
    every_parcel_ends(&shop, &outcome).await;
}

#[tokio::test]
async fn fault_30_webhooks_are_duplicated_reordered_forged_and_lost() {
    let shop = Shop::start().await;
    shop.carrier_has_faults(json!({
        "duplicate_percent": 50, "reorder_percent": 50, "forge_percent": 30, "lost_percent": 10,
        "returned_percent": 10, "unavailable_percent": 20, "error_after_taking": 10,
    }))
    .await;
    let fault = async {
        sleep(Duration::from_secs(3)).await;
        shop.carrier_has_faults(json!({ "mute": true, "unavailable_percent": 50 })).await;
        sleep(Duration::from_secs(4)).await;
        let faults = json!({ "duplicate_percent": 50, "reorder_percent": 50, "forge_percent": 30 });
        shop.carrier_has_faults(faults).await;
    };
    let outcome = Load::on(&shop).during(fault).await;
    every_parcel_ends(&shop, &outcome).await;
    let count = async |outcome: &str| {
        shop.counted("delivery-service", "carrier_webhooks_total", &format!("outcome=\"{outcome}\"")).await
    };
    let (repeated, forged) = (count("repeated").await, count("bad_signature").await);
    println!("{repeated} webhooks were repeated, {forged} were forged");
    assert!(repeated > 0.0 && forged > 0.0, "{repeated} repeated, {forged} forged");
}

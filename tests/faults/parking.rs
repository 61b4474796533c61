//! Faults 11 and 17 while operations-service or its database is down: parked messages wait, and none is lost or
//! doubled.

use contract::parked::{ParkedOutcome, ParkedSelection};
use std::time::Duration;
use system_tests::{Checker, Load, LoadOutcome, Shop, dying, unique, within};
use tokio::time::sleep;

const SERVICE: &str = "operations-service";
/// The load runs this long before the fault.
const FAULT_DELAY: Duration = Duration::from_secs(2);
/// Longer than the pause between two attempts to store a message.
const OUTAGE: Duration = Duration::from_secs(5);
/// The claim of a replay whose process has died ends after a minute.
const CLAIM_DEADLINE: Duration = Duration::from_mins(3);

/// Publishes poison for both workers, and returns its message ids.
async fn poisons(shop: &Shop) -> Vec<String> {
    let ids = [unique("poison"), unique("poison"), unique("poison")];
    for (event, id) in ["order_created", "order_reserved", "order_paid"].into_iter().zip(&ids) {
        shop.poisons(event, id).await;
    }
    ids.to_vec()
}

/// Asserts that A to G hold, with exactly this poison parked.
async fn holds(load: &LoadOutcome, shop: &Shop, poison: Vec<String>) {
    let verdict = Checker::of(shop, load).expecting(poison).settled().await;
    println!("{verdict}");
    assert!(verdict.holds(), "{verdict}");
}

#[tokio::test]
async fn fault_11_poison_waits_while_operations_service_is_down() {
    let shop = Shop::start().await;
    let mut poison = Vec::new();
    let fault = async {
        sleep(FAULT_DELAY).await;
        shop.stack().kill(SERVICE, 1).await.unwrap();
        poison = poisons(&shop).await;
        shop.parking_queue_has(3).await;
        shop.stack().start(SERVICE, 1).await.unwrap();
    };
    let load = Load::on(&shop).during(fault).await;
    shop.parking_queue_has(0).await;
    holds(&load, &shop, poison).await;
}

#[tokio::test]
async fn fault_11_poison_waits_while_the_database_of_operations_service_is_away() {
    let shop = Shop::start().await;
    let database = shop.proxy(SERVICE, "OPERATIONS_DATABASE_URL").await;
    let mut poison = Vec::new();
    let fault = async {
        sleep(FAULT_DELAY).await;
        database.becomes_black_hole();
        poison = poisons(&shop).await;
        shop.parking_queue_has(3).await;
        sleep(OUTAGE).await;
        // The consumer holds them. A consumer that requeued them would have got them many times by now.
        let waiting = shop.broker().peek("parking", 10).await.unwrap();
        assert!(waiting.is_empty(), "requeued: {waiting:?}");
        database.forwards();
    };
    let load = Load::on(&shop).during(fault).await;
    shop.parking_queue_has(0).await;
    holds(&load, &shop, poison).await;
}

#[tokio::test]
async fn fault_11_poison_is_stored_once_when_operations_service_dies_before_the_acknowledgement() {
    let shop = Shop::start_as(|system| dying(system, SERVICE, "parking.stored", 1)).await;
    let mut poison = Vec::new();
    let fault = async {
        sleep(FAULT_DELAY).await;
        poison = poisons(&shop).await;
        shop.restarts_dead_replicas(SERVICE, 1).await;
    };
    let load = Load::on(&shop).during(fault).await;
    shop.parking_queue_has(0).await;
    holds(&load, &shop, poison).await;
}

#[tokio::test]
async fn fault_17_a_replay_is_repeated_when_operations_service_dies_before_it_marks_the_message() {
    let shop =
        Shop::start_as(|system| dying(system.without("payment-worker"), SERVICE, "replay.published", 0))
            .await;
    let fault = async {
        let rejected = shop.rejects_one("payment-worker").await;
        shop.stack().scale("payment-worker", 1).await.unwrap();
        let parked = shop.sees_parked(1).await.remove(0);
        assert_eq!(parked.message_id, Some(rejected));
        let replay = ParkedSelection { ids: Some(vec![parked.id]), ..ParkedSelection::default() };
        shop.staff().await.replay_parked(&replay).await.unwrap_err();
        shop.restarts_dead_replicas(SERVICE, 1).await;

        // The message is at work, and still parked. The next replay waits for the end of the claim.
        within(CLAIM_DEADLINE, "the message is replayed again", async || {
            let results = shop.staff().await.replay_parked(&replay).await.ok()?;
            let outcome = results.items[0].outcome;
            assert!(matches!(outcome, ParkedOutcome::InUse | ParkedOutcome::Replayed), "{outcome:?}");
            (outcome == ParkedOutcome::Replayed).then_some(())
        })
        .await;
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

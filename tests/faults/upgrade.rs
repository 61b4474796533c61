//! Fault 24: two releases run side by side. The test needs the programs of the previous release, so
//! `./dev upgrade-test COMMIT` builds them and runs it.

use std::{path::PathBuf, time::Duration};
use system_tests::{Load, Shop};
use tokio::time::sleep;

/// The environment variable with the folder of the previous programs.
const PREVIOUS_PROGRAMS: &str = "PREVIOUS_PROGRAMS";
/// The environment variable that skips the rollback, because the previous release refuses a later schema.
const NO_ROLLBACK: &str = "NO_ROLLBACK";
/// How long both releases run between two steps.
const SIDE_BY_SIDE: Duration = Duration::from_secs(5);
const REPLICATED: [&str; 7] = [
    "user-service",
    "catalog-service",
    "discount-service",
    "order-service",
    "order-processor",
    "payment-worker",
    "delivery-service",
];

/// All programs start from the previous release. Under load, one replica of each service is upgraded, then
/// the other. Then all are rolled back.
#[tokio::test]
#[ignore = "needs the programs of the previous release: ./dev upgrade-test COMMIT"]
async fn fault_24_an_upgrade_and_a_rollback_under_load() {
    let previous = PathBuf::from(std::env::var_os(PREVIOUS_PROGRAMS).expect(PREVIOUS_PROGRAMS));
    let shop = Shop::start_as(|system| {
        let system = REPLICATED.into_iter().fold(system, |system, service| system.scale(service, 2));
        system.programs(previous.clone())
    })
    .await;
    let fault = async {
        for replica in [1, 2] {
            sleep(SIDE_BY_SIDE).await;
            replaces(&shop, replica, None).await;
        }
        if std::env::var_os(NO_ROLLBACK).is_none() {
            for replica in [1, 2] {
                sleep(SIDE_BY_SIDE).await;
                replaces(&shop, replica, Some(previous.clone())).await;
            }
        }
        sleep(SIDE_BY_SIDE).await;
    };
    Load::on(&shop).orders(600, Duration::from_secs(40)).during(fault).await.holds(&shop).await;
}

/// Restarts one replica of each service with these programs, or with the programs of this release.
async fn replaces(shop: &Shop, replica: usize, programs: Option<PathBuf>) {
    shop.stack().use_programs(programs);
    for service in REPLICATED {
        shop.stack().restart(service, replica).await.unwrap();
    }
}

//! Two releases side by side. It takes the programs of the previous release, so it is no part of the usual run:
//! `./dev upgrade-test COMMIT` builds them and runs it.

use std::{path::PathBuf, time::Duration};
use system_tests::{Load, Shop};
use tokio::time::sleep;

/// Names the folder with the programs of the previous release.
const PREVIOUS_PROGRAMS: &str = "PREVIOUS_PROGRAMS";
/// Says that the previous release cannot start on a later schema, so there is nothing to roll back to.
const NO_ROLLBACK: &str = "NO_ROLLBACK";
/// How long the releases run side by side between two steps.
const SIDE_BY_SIDE: Duration = Duration::from_secs(5);
const REPLICATED: [&str; 5] =
    ["user-service", "catalog-service", "order-service", "order-processor", "payment-worker"];

/// All programs are of the previous release. One replica of each is upgraded, then the other, then all are rolled back,
/// while customers order.
#[tokio::test]
#[ignore = "takes the programs of the previous release: ./dev upgrade-test COMMIT"]
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

/// Restarts one replica of each service with other programs.
async fn replaces(shop: &Shop, replica: usize, programs: Option<PathBuf>) {
    shop.stack().use_programs(programs);
    for service in REPLICATED {
        shop.stack().restart(service, replica).await.unwrap();
    }
}

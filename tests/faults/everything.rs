//! Kills each process once while customers place a thousand orders.

use devstack::services::SERVICES;
use std::time::Duration;
use system_tests::{Load, Shop};
use tokio::time::sleep;

const CUSTOMERS: usize = 20;
const ORDERS: usize = 1000;
/// Customers place the orders within this time.
const WITHIN: Duration = Duration::from_secs(25);
/// All orders must be final this long after the last placement.
const DEADLINE: Duration = Duration::from_mins(3);
/// The pause between two kills.
const PAUSE: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_thousand_orders_survive_the_death_of_every_process() {
    let shop = Shop::start_as(|system| {
        system.scale("order-service", 2).scale("order-processor", 2).scale("payment-worker", 2)
    })
    .await;
    let fault = async {
        for service in SERVICES.iter().map(|service| service.name) {
            for replica in 1..=shop.replicas(service) {
                sleep(PAUSE).await;
                shop.stack().kill(service, replica).await.unwrap();
                shop.stack().launch(service, replica).unwrap();
            }
        }
    };
    let load = Load::on(&shop).customers(CUSTOMERS).orders(ORDERS, WITHIN).finishing_within(DEADLINE);
    let outcome = load.during(fault).await;
    let answered = outcome.diaries.iter().flat_map(|diary| diary.placed.values()).flatten().count();
    assert_eq!(answered, ORDERS, "some requests were never answered");
    outcome.holds(&shop).await;
}

//! Fault 13: processes get SIGTERM, as in each deployment.

use contract::orders::OrderStatus::Completed;
use futures_util::future::join_all;
use orderctl::Error;
use std::{collections::BTreeMap, time::Duration};
use system_tests::{Load, PlacedOrder, Shop, unique};
use tokio::time::sleep;

const SERVICES: [&str; 9] = [
    "order-service",
    "order-processor",
    "payment-worker",
    "catalog-service",
    "discount-service",
    "user-service",
    "payment-simulator",
    "delivery-service",
    "carrier-simulator",
];
/// The pause between two restarts.
const PAUSE: Duration = Duration::from_millis(500);

#[tokio::test]
async fn fault_13_each_service_is_restarted_under_load() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2).scale("order-processor", 2)).await;
    let fault = async {
        for service in SERVICES {
            for replica in 1..=shop.replicas(service) {
                sleep(PAUSE).await;
                shop.stack().stop(service, replica).await.unwrap();
                shop.stack().launch(service, replica).unwrap();
            }
        }
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;

    let mut completions: BTreeMap<String, usize> = BTreeMap::new();
    for service in SERVICES {
        for replica in 1..=shop.replicas(service) {
            for line in shop.log(service, replica) {
                let message = line["message"].as_str().unwrap_or_default();
                assert!(!message.contains("connection lost before the acknowledgement"), "{service}: {line}");
                if service == "order-processor" && message == "completed" {
                    *completions.entry(line["span"]["order_id"].to_string()).or_default() += 1;
                }
            }
            let path = shop.stack().folder().log(&format!("{service}-{replica}"));
            let log = std::fs::read_to_string(path).unwrap();
            assert!(!log.contains("still busy after"), "{service}-{replica} did not drain in time");
        }
    }
    let redone: Vec<_> = completions.iter().filter(|(_, times)| **times > 1).collect();
    assert!(redone.is_empty(), "completed twice: {redone:?}");
    assert!(!completions.is_empty(), "the log has no completed orders");
}

/// A service answers all started requests before it exits.
#[tokio::test]
async fn fault_13_started_requests_are_answered() {
    const ORDERS: usize = 12;
    let shop = Shop::start().await;
    let (tea, ada) = (shop.sells("tea", 450, 100).await, shop.customer("ada").await);
    let database = shop.proxy("order-service", "ORDERS_DATABASE_URL").await;
    database.delays(PAUSE / 10);
    let placing =
        join_all((0..ORDERS).map(async |_| ada.places(&[(&tea, 1)]).under_key(&unique("key")).await));
    let stopping = async {
        sleep(PAUSE).await;
        shop.stack().stop("order-service", 1).await.unwrap();
    };
    let (answers, ()) = tokio::join!(placing, stopping);
    database.forwards();
    // The relay ends after the last request, so it has published all events.
    let unpublished: i64 = sqlx::query_scalar("select count(*) from outbox")
        .fetch_one(&shop.database("order-service"))
        .await
        .unwrap();
    assert_eq!(unpublished, 0, "events of the last requests were not published");
    shop.stack().start("order-service", 1).await.unwrap();
    let mut placed = 0;
    for answer in answers {
        match answer {
            Ok(order) => {
                placed += 1;
                PlacedOrder::of(&ada, order).reaches(Completed).await;
            }
            // The request came after the service had closed its listener.
            Err(Error::Unanswered(why)) if why.is_connect() => {}
            Err(error) => panic!("a started request was not answered: {error}"),
        }
    }
    println!("{placed} of {ORDERS} requests had started");
    assert!(placed > 0, "no request had started");
    shop.settles().await;
}

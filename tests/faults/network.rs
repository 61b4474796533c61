//! Fault 7: connections are reset, or silently drop all data.

use crate::flow::orders_flow;
use devstack::servers::AMQP_URL;
use orderctl::{Follow, Update, Watch};
use std::time::Duration;
use system_tests::{Load, Proxy, Shop, within};
use tokio::time::{Instant, sleep};

/// The load runs this long before the fault, so that orders are in every status.
const FAULT_DELAY: Duration = Duration::from_secs(3);
/// A process must detect a silent connection within this time.
const DETECTION_LIMIT: Duration = Duration::from_secs(25);
/// The services that connect to the broker.
const SERVICES: [&str; 3] = ["order-service", "order-processor", "payment-worker"];
/// The log message of a process whose connection is lost.
const CONNECTION_LOST: &str = "waiting for RabbitMQ";

async fn proxies_to_broker(shop: &Shop) -> Vec<Proxy> {
    let mut proxies = Vec::new();
    for service in SERVICES {
        proxies.push(shop.proxy(service, AMQP_URL).await);
    }
    proxies
}

#[tokio::test]
async fn fault_7_connections_are_reset() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let proxies = proxies_to_broker(&shop).await;
    let sockets = Proxy::to(&shop.stack().url("order-service", 1).unwrap()).await;
    let fault = async {
        for _ in 0..5 {
            sleep(FAULT_DELAY / 2).await;
            proxies.iter().for_each(Proxy::resets);
            sockets.resets();
        }
    };
    Load::on(&shop).sockets_through(&sockets).during(fault).await.holds(&shop).await;
}

#[tokio::test]
async fn fault_7_connections_silently_drop_all_data() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let proxies = proxies_to_broker(&shop).await;
    let sockets = Proxy::to(&shop.stack().url("order-service", 1).unwrap()).await;
    let ada = shop.customer("ada").await;
    let watch = ada.socket_through(&sockets).await.watch(Follow::All).await.unwrap();
    let fault = async {
        sleep(FAULT_DELAY).await;
        let losses_before: Vec<_> =
            replicas(&shop).map(|(service, replica)| losses(&shop, service, replica)).collect();
        let began = Instant::now();
        proxies.iter().for_each(Proxy::becomes_black_hole);
        sockets.becomes_black_hole();
        let brokers = async {
            for ((service, replica), before) in replicas(&shop).zip(losses_before) {
                let what = format!("{service}-{replica} detects that the broker is silent");
                within(DETECTION_LIMIT.saturating_sub(began.elapsed()), &what, async || {
                    (losses(&shop, service, replica) > before).then_some(())
                })
                .await;
                println!("{service}-{replica} detected it after {:.1} s", began.elapsed().as_secs_f64());
            }
        };
        tokio::join!(brokers, is_lost(watch, began));
        proxies.iter().for_each(Proxy::forwards);
        sockets.forwards();
        orders_flow(&shop, DETECTION_LIMIT, "connections forward data again").await;
    };
    Load::on(&shop).sockets_through(&sockets).during(fault).await.holds(&shop).await;
}

fn replicas(shop: &Shop) -> impl Iterator<Item = (&'static str, usize)> {
    SERVICES
        .into_iter()
        .flat_map(|service| (1..=shop.replicas(service)).map(move |replica| (service, replica)))
}

fn losses(shop: &Shop, service: &str, replica: usize) -> usize {
    shop.log(service, replica).iter().filter(|line| line["message"] == CONNECTION_LOST).count()
}

/// Asserts that a watch detects its silent connection in time.
async fn is_lost(mut watch: Watch, began: Instant) {
    loop {
        if let Update::Lost(error) = watch.update().await.unwrap() {
            let took = began.elapsed();
            println!("a client's WebSocket detected it after {:.1} s ({error})", took.as_secs_f64());
            // The limit starts at the last ping of the service, shortly before or after the fault.
            assert!(took < DETECTION_LIMIT + Duration::from_secs(1), "detected only after {took:?}");
            return;
        }
    }
}

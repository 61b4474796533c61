//! Connections are reset, and lead into black holes.

use crate::flow::orders_flow;
use devstack::servers::AMQP_URL;
use orderctl::{Follow, Update, Watch};
use std::time::Duration;
use system_tests::{Load, Proxy, Shop, within};
use tokio::time::{Instant, sleep};

/// Into the load, so that orders are everywhere on their way.
const FAULT_DELAY: Duration = Duration::from_secs(3);
/// A connection that is silent must be noticed within this.
const NOTICED_WITHIN: Duration = Duration::from_secs(25);
/// Who speaks to the broker, with the number of connections that consume.
const SPEAKERS: [&str; 3] = ["order-service", "order-processor", "payment-worker"];
/// A process' say when its connection is gone.
const NOTICED: &str = "waiting for RabbitMQ";

async fn proxies_to_broker(shop: &Shop) -> Vec<Proxy> {
    let mut proxies = Vec::new();
    for service in SPEAKERS {
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
async fn fault_7_connections_lead_into_a_black_hole() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let proxies = proxies_to_broker(&shop).await;
    let sockets = Proxy::to(&shop.stack().url("order-service", 1).unwrap()).await;
    let ada = shop.customer("ada").await;
    let watch = ada.socket_through(&sockets).await.watch(Follow::All).await.unwrap();
    let fault = async {
        sleep(FAULT_DELAY).await;
        let said: Vec<_> =
            speakers(&shop).map(|(service, replica)| notices(&shop, service, replica)).collect();
        let began = Instant::now();
        proxies.iter().for_each(Proxy::becomes_black_hole);
        sockets.becomes_black_hole();
        let brokers = async {
            for ((service, replica), before) in speakers(&shop).zip(said) {
                let what = format!("{service}-{replica} notices that the broker is silent");
                within(NOTICED_WITHIN.saturating_sub(began.elapsed()), &what, async || {
                    (notices(&shop, service, replica) > before).then_some(())
                })
                .await;
                println!("{service}-{replica} had noticed after {:.1} s", began.elapsed().as_secs_f64());
            }
        };
        tokio::join!(brokers, is_lost(watch, began));
        proxies.iter().for_each(Proxy::forwards);
        sockets.forwards();
        orders_flow(&shop, NOTICED_WITHIN, "the black hole is closed").await;
    };
    Load::on(&shop).sockets_through(&sockets).during(fault).await.holds(&shop).await;
}

fn speakers(shop: &Shop) -> impl Iterator<Item = (&'static str, usize)> {
    SPEAKERS
        .into_iter()
        .flat_map(|service| (1..=shop.replicas(service)).map(move |replica| (service, replica)))
}

fn notices(shop: &Shop, service: &str, replica: usize) -> usize {
    shop.log(service, replica).iter().filter(|line| line["message"] == NOTICED).count()
}

/// A watch must notice in time that its connection is silent.
async fn is_lost(mut watch: Watch, began: Instant) {
    loop {
        if let Update::Lost(error) = watch.update().await.unwrap() {
            let took = began.elapsed();
            println!("a client's WebSocket had noticed after {:.1} s ({error})", took.as_secs_f64());
            // To the service's last ping before it, not to its beginning.
            assert!(took < NOTICED_WITHIN + Duration::from_secs(1), "noticed only after {took:?}");
            return;
        }
    }
}

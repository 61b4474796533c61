//! Fault 19: the clock of one process is five minutes fast or slow.

use reqwest::Method;
use std::time::Duration;
use system_tests::{LD_PRELOAD, Load, Shim, Shop, answer, within};
use tokio::time::sleep;

/// The load runs this long before the fault, so that orders are in every status.
const FAULT_DELAY: Duration = Duration::from_millis(1500);
/// A worker retries for a while before it logs the reason. This time is longer.
const LOG_DEADLINE: Duration = Duration::from_secs(30);
const NOT_YET: &str = "not valid yet; the clock";

/// Restarts a service with its clock off by this many seconds.
async fn sets_clock(shop: &Shop, service: &str, clock: &Shim, seconds: &str) {
    shop.stack().set_env(service, LD_PRELOAD, clock.library()).unwrap();
    shop.stack().set_env(service, "CLOCK_OFFSET_SECONDS", seconds).unwrap();
    shop.stack().restart(service, 1).await.unwrap();
}

/// Asserts that a service refuses a valid token as not valid yet.
async fn refuses(shop: &Shop, service: &str, path: &str, token: &str) {
    let refused = answer(shop.request(Method::GET, service, path).bearer_auth(token)).await;
    let detail = refused.is_problem(401).body["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(NOT_YET), "{detail}");
    assert!(refused.header("www-authenticate").contains(NOT_YET), "{}", refused.header("www-authenticate"));
}

#[tokio::test]
async fn fault_19_work_waits_while_a_slow_clock_refuses_tokens() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let clock = Shim::of(include_str!("wrong_clock.c"));
    let fault = async {
        sleep(FAULT_DELAY).await;
        sets_clock(&shop, "catalog-service", &clock, "-300").await;
        within(LOG_DEADLINE, "order-processor logs the reason", async || {
            let log = shop.log("order-processor", 1);
            log.iter()
                .any(|line| line["reason"].as_str().is_some_and(|why| why.contains(NOT_YET)))
                .then_some(())
        })
        .await;
        sets_clock(&shop, "catalog-service", &clock, "0").await;
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

#[tokio::test]
async fn fault_19_a_fast_clock_of_order_service_does_no_harm() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let clock = Shim::of(include_str!("wrong_clock.c"));
    sets_clock(&shop, "order-service", &clock, "300").await;
    Load::on(&shop).runs().await.holds(&shop).await;
}

#[tokio::test]
async fn fault_19_tokens_from_a_fast_clock_are_refused_with_the_reason() {
    let shop = Shop::start().await;
    let clock = Shim::of(include_str!("wrong_clock.c"));
    sets_clock(&shop, "user-service", &clock, "300").await;
    let ada = shop.customer("ada").await;
    refuses(&shop, "order-service", "/orders", &ada.token().await).await;
    sets_clock(&shop, "user-service", &clock, "0").await;
    let tea = shop.sells("tea", 450, 10).await;
    let bob = shop.customer("bob").await;
    bob.places(&[(&tea, 1)]).await;
}

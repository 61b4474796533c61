//! The clock of one process is five minutes off.

use reqwest::Method;
use std::time::Duration;
use system_tests::{LD_PRELOAD, Load, Shim, Shop, answer, within};
use tokio::time::sleep;

/// Into the load, so that orders are everywhere on their way.
const FAULT_DELAY: Duration = Duration::from_millis(1500);
/// A worker tries a few times in place before it says why it waits.
const PATIENCE: Duration = Duration::from_secs(30);
const NOT_YET: &str = "not valid yet; the clock";

/// Restarts a service with another time of day.
async fn sets_clock(shop: &Shop, service: &str, clock: &Shim, seconds: &str) {
    shop.stack().set_env(service, LD_PRELOAD, clock.library()).unwrap();
    shop.stack().set_env(service, "CLOCK_OFFSET_SECONDS", seconds).unwrap();
    shop.stack().restart(service, 1).await.unwrap();
}

/// What a service says to a good token.
async fn refuses(shop: &Shop, service: &str, path: &str, token: &str) {
    let refused = answer(shop.request(Method::GET, service, path).bearer_auth(token)).await;
    let detail = refused.is_problem(401).body["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(NOT_YET), "{detail}");
    assert!(refused.header("www-authenticate").contains(NOT_YET), "{}", refused.header("www-authenticate"));
}

#[tokio::test]
async fn fault_19_a_service_that_is_slow_refuses_tokens_and_work_waits() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let clock = Shim::of(include_str!("wrong_clock.c"));
    let fault = async {
        sleep(FAULT_DELAY).await;
        sets_clock(&shop, "catalog-service", &clock, "-300").await;
        within(PATIENCE, "order-processor says why it waits", async || {
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
async fn fault_19_a_service_that_is_fast_does_no_harm() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let clock = Shim::of(include_str!("wrong_clock.c"));
    sets_clock(&shop, "order-service", &clock, "300").await;
    Load::on(&shop).runs().await.holds(&shop).await;
}

#[tokio::test]
async fn fault_19_tokens_of_a_signer_that_is_fast_are_refused_with_the_reason() {
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

//! Fault 38: a cluster of PostgreSQL servers loses its primary. The test needs an external cluster, so it is
//! run by hand. `POSTGRES_URL` names the servers (`host1:5432,host2:5432`). `FAILOVER_COMMAND` kills the
//! primary.

use contract::ids::ProductId;
use reqwest::Method;
use std::{process::Command, time::Duration};
use system_tests::{Load, Shop, answer, eventually, within};
use tokio::time::{Instant, sleep};

/// The load runs this long before the fault, so that orders are in every status.
const FAULT_DELAY: Duration = Duration::from_secs(5);
/// Much longer than a cluster takes to promote a standby.
const PROMOTION_DEADLINE: Duration = Duration::from_mins(2);

#[tokio::test]
#[ignore = "needs a cluster of PostgreSQL servers: POSTGRES_URL and FAILOVER_COMMAND"]
async fn fault_38_the_primary_of_postgresql_is_killed() {
    let kill = std::env::var("FAILOVER_COMMAND").expect("FAILOVER_COMMAND");
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let customer = shop.customer("ada").await;
    let order = customer.places_items(&[(ProductId::new(), 1)]);
    let token = customer.token().await;
    let ready = async || answer(shop.request(Method::GET, "order-service", "/health/ready")).await;
    let fault = async {
        sleep(FAULT_DELAY).await;
        let killed = Instant::now();
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let not_ready = eventually("order-service is not ready", async || {
            let ready = ready().await;
            (ready.status == 503).then_some(ready.body["detail"].clone())
        })
        .await;
        println!("not ready after {:.1} s: {not_ready}", killed.elapsed().as_secs_f64());
        let place = shop.request(Method::POST, "order-service", "/orders").bearer_auth(&token);
        let refused = answer(place.json(order.body())).await;
        assert!(!refused.is_problem(503).header("retry-after").is_empty());
        within(PROMOTION_DEADLINE, "order-service is ready again", async || {
            (ready().await.status == 200).then_some(())
        })
        .await;
        println!("ready after {:.1} s", killed.elapsed().as_secs_f64());
        sleep(FAULT_DELAY).await;
    };
    Load::on(&shop).orders(600, Duration::from_secs(40)).during(fault).await.holds(&shop).await;
}

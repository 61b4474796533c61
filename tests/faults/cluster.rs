//! Fault 37: one node of a RabbitMQ cluster dies. The suite starts one broker only, so this test is run by
//! hand, see *Clusters* in docs/RELIABILITY.md.

use crate::flow::{BACK_WITHIN, orders_flow};
use std::time::Duration;
use system_tests::{Load, Shop};
use tokio::{process::Command, time::sleep};

/// The environment variable with a shell command that kills the first node of `AMQP_URL`. Services connect to
/// this node first, and it leads their queues.
const KILL: &str = "CLUSTER_KILL";
/// The environment variable with a shell command that starts the node again.
const START: &str = "CLUSTER_START";
/// The load runs this long before the fault, so that orders are in every status.
const FAULT_DELAY: Duration = Duration::from_secs(3);
/// How long the node is unavailable.
const OUTAGE: Duration = Duration::from_secs(10);
/// The length of the load. Customers place orders during the whole fault.
const LENGTH: Duration = Duration::from_secs(30);

#[tokio::test]
#[ignore = "needs a cluster of brokers, see docs/RELIABILITY.md"]
async fn fault_37_the_leader_of_the_work_queues_is_killed() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2).scale("payment-worker", 2)).await;
    let fault = async {
        sleep(FAULT_DELAY).await;
        shell(KILL).await;
        orders_flow(&shop, BACK_WITHIN, "the leader was killed").await;
        sleep(OUTAGE).await;
        shell(START).await;
    };
    Load::on(&shop).orders(600, LENGTH).during(fault).await.holds(&shop).await;
}

async fn shell(variable: &str) {
    let command = std::env::var(variable).unwrap();
    assert!(Command::new("sh").args(["-c", &command]).status().await.unwrap().success(), "{command}");
}

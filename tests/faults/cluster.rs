//! Several brokers, one of which dies. By hand, see *Clusters* in docs/RELIABILITY.md: the suite starts one broker.

use crate::flow::{BACK_WITHIN, orders_flow};
use std::time::Duration;
use system_tests::{Load, Shop};
use tokio::{process::Command, time::sleep};

/// A shell command that kills the first node of `AMQP_URL`: services connect to it first, and it leads their queues.
const KILL: &str = "CLUSTER_KILL";
/// A shell command that starts it again.
const START: &str = "CLUSTER_START";
/// Into the load, so that orders are everywhere on their way.
const FAULT_DELAY: Duration = Duration::from_secs(3);
/// How long the node stays away.
const AWAY: Duration = Duration::from_secs(10);
/// For orders to come all the time.
const LENGTH: Duration = Duration::from_secs(30);

#[tokio::test]
#[ignore = "needs a cluster of brokers, see docs/RELIABILITY.md"]
async fn fault_37_the_leader_of_the_work_queues_is_killed() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2).scale("payment-worker", 2)).await;
    let fault = async {
        sleep(FAULT_DELAY).await;
        shell(KILL).await;
        orders_flow(&shop, BACK_WITHIN, "the leader was killed").await;
        sleep(AWAY).await;
        shell(START).await;
    };
    Load::on(&shop).orders(600, LENGTH).during(fault).await.holds(&shop).await;
}

async fn shell(variable: &str) {
    let command = std::env::var(variable).unwrap();
    assert!(Command::new("sh").args(["-c", &command]).status().await.unwrap().success(), "{command}");
}

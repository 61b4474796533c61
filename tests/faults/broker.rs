//! RabbitMQ stops, restarts, runs out of memory, and loses its data.

use crate::flow::{BACK_WITHIN, orders_flow};
use contract::orders::OrderStatus::Completed;
use lapin::options::QueueDeleteOptions;
use messaging::{
    connection::{Broker, BrokerOptions},
    declaring::Part,
    error::bounded,
    topology::ORDER_PROCESSOR,
};
use std::time::Duration;
use system_tests::{Load, Shop, eventually, within};
use tokio::time::sleep;

/// The load runs this long before the fault, so that orders are in every status.
const FAULT_DELAY: Duration = Duration::from_secs(3);
/// How long the broker is unavailable.
const OUTAGE: Duration = Duration::from_secs(2);
/// The length of the load. `rabbitmqctl` may need 20 s to raise an alarm, and customers must still place
/// orders then.
const LOAD_LENGTH: Duration = Duration::from_secs(45);
/// Longer than the time limit of a publisher confirm.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(30);

async fn shop() -> Shop {
    Shop::start_as(|system| system.private_servers().scale("order-service", 2)).await
}

#[tokio::test]
async fn fault_6_the_broker_is_killed() {
    let shop = shop().await;
    let broker = shop.stack().servers().rabbitmq().unwrap();
    let fault = async {
        sleep(FAULT_DELAY).await;
        broker.kill().await;
        sleep(OUTAGE).await;
        broker.start().await.unwrap();
        orders_flow(&shop, BACK_WITHIN, "the killed broker is back").await;
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

#[tokio::test]
async fn fault_6_the_broker_is_restarted() {
    let shop = shop().await;
    let broker = shop.stack().servers().rabbitmq().unwrap();
    let fault = async {
        sleep(FAULT_DELAY).await;
        broker.stop().await.unwrap();
        broker.start().await.unwrap();
        orders_flow(&shop, BACK_WITHIN, "the restarted broker is back").await;
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

#[tokio::test]
async fn fault_6_the_broker_loses_all_of_its_data() {
    let shop = Shop::start_as(|system| {
        let system = system.private_servers().scale("order-service", 2);
        system.env("order-service", "NUDGE_AFTER_SECONDS", "2").env(
            "payment-worker",
            "SWEEP_AFTER_SECONDS",
            "2",
        )
    })
    .await;
    let fault = async {
        sleep(FAULT_DELAY).await;
        // Frozen workers leave messages in the queues.
        for worker in ["payment-worker", "order-processor"] {
            shop.stack().pause(worker, 1).unwrap();
            eventually(&format!("messages are in {worker}"), async || {
                let queue = shop.broker().queue(worker).await.unwrap()?;
                (queue.messages > 0).then_some(())
            })
            .await;
        }
        shop.stack().lose_broker_data().await.unwrap();
        for worker in ["payment-worker", "order-processor"] {
            shop.stack().resume(worker, 1).unwrap();
        }
        orders_flow(&shop, BACK_WITHIN, "the broker is back without its data").await;
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

#[tokio::test]
async fn fault_9_the_broker_is_short_of_memory() {
    let shop = shop().await;
    let broker = shop.stack().servers().rabbitmq().unwrap();
    let fault = async {
        broker.control(&["set_vm_memory_high_watermark", "0.00001"]).await.unwrap();
        within(PUBLISH_TIMEOUT, "publishing times out", async || {
            let gave_up = |replica| {
                shop.log("order-service", replica).iter().any(|line| line["message"] == "relay waits")
            };
            (1..=2).all(gave_up).then_some(())
        })
        .await;
        eventually("the workers acknowledge all messages of the queues", async || {
            let queues = shop.broker().queues().await.unwrap();
            queues.iter().all(|queue| queue.messages == 0).then_some(())
        })
        .await;
        broker.control(&["set_vm_memory_high_watermark", "0.4"]).await.unwrap();
        orders_flow(&shop, BACK_WITHIN, "the broker has memory again").await;
    };
    Load::on(&shop).orders(200, LOAD_LENGTH).during(fault).await.holds(&shop).await;
}

#[tokio::test]
async fn fault_10_work_queues_are_purged_and_deleted() {
    let shop = Shop::start_as(|system| {
        system.private_servers().env("order-service", "NUDGE_AFTER_SECONDS", "2").scale("order-service", 2)
    })
    .await;
    let fault = async {
        for worker in ["order-processor", "payment-worker"] {
            sleep(OUTAGE).await;
            // A frozen worker leaves messages in its queue.
            shop.stack().pause(worker, 1).unwrap();
            waits_in(&shop, worker).await;
            shop.broker().purge(worker).await.unwrap();
            waits_in(&shop, worker).await;
            shop.broker().delete_queue(worker).await.unwrap();
            shop.stack().resume(worker, 1).unwrap();
        }
    };
    let outcome = Load::on(&shop).during(fault).await;
    outcome.holds(&shop).await;
    let again = "order waits; its event is published again";
    let reminders = (1..=2)
        .flat_map(|replica| shop.log("order-service", replica))
        .filter(|line| line["message"] == again);
    let reminders = reminders.count();
    println!("the watchdog published {reminders} events again");
    assert!(reminders > 0, "the watchdog published no event again");
}

/// RabbitMQ may keep the consumer of the deleted queue and never deliver to it.
#[tokio::test]
async fn fault_10_a_queue_that_is_deleted_and_declared_at_once_is_consumed() {
    let shop = Shop::start_as(|system| system.env("order-service", "NUDGE_AFTER_SECONDS", "2")).await;
    let (tea, ada) = (shop.sells("tea", 450, 100).await, shop.customer("ada").await);
    let amqp_url = shop.stack().amqp_url().unwrap().as_str().parse().unwrap();
    let broker = Broker::new(&BrokerOptions { amqp_url }, "test").declaring(Part::Queue(&ORDER_PROCESSOR));
    ada.places(&[(&tea, 1)]).await.reaches(Completed).await;
    for _ in 0..5 {
        let (connection, channel) = broker.connect("delete").await.unwrap();
        let (deleted, declared) = tokio::join!(
            bounded(channel.queue_delete(ORDER_PROCESSOR.name.into(), QueueDeleteOptions::default())),
            broker.connect("declare"),
        );
        deleted.unwrap();
        drop((connection, declared));
        // The next event must reach the new queue.
        eventually("the queue is there", async || shop.broker().queue(ORDER_PROCESSOR.name).await.unwrap())
            .await;
        ada.places(&[(&tea, 1)]).await.reaches(Completed).await;
    }
}

async fn waits_in(shop: &Shop, queue: &str) {
    eventually(&format!("messages wait in {queue}"), async || {
        let queue = shop.broker().queue(queue).await.unwrap()?;
        (queue.messages_ready > 0).then_some(())
    })
    .await;
}

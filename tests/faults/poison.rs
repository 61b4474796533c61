//! Fault 11: poison messages. Most cannot be decoded, and one kills the worker that reads it.

use lapin::BasicProperties;
use messaging::{
    connection::{Broker, BrokerOptions},
    publisher::{Outgoing, Publisher, Verdict},
    topology,
};
use std::time::Duration;
use system_tests::{Checker, Load, Shop, unique, within};
use tokio::time::sleep;

/// The load runs this long before the fault, so that good messages surround the poison.
const FAULT_DELAY: Duration = Duration::from_secs(3);
/// A body that contains this text kills the worker.
const DEADLY: &str = "deadly";
/// RabbitMQ parks a message after this many deliveries without a settlement. Not every delivery kills a
/// worker: a suspect message that arrives together with another one is requeued unread.
const MAX_DELIVERIES: usize = 21;
/// Enough for all restarts of the worker.
const PARKING_DEADLINE: Duration = Duration::from_mins(4);

/// Poison messages: routing key, message id, body. The last one has no properties, and so no id.
fn poison() -> Vec<(&'static str, Option<String>, String)> {
    let cut_off = r#"{"id":"01900000-0000-7000-8000-000000000001","schema":1,"order_id":"01900000-00"#;
    let bodies = [
        ("order_created", "not JSON".to_owned()),
        ("order_reserved", r#"{"schema":0,"type":"order_reserved"}"#.to_owned()),
        ("order_paid", r#"{"schema":1,"type":"order_sang_a_song","data":{}}"#.to_owned()),
        ("order_created", cut_off.to_owned()),
        ("order_created", "x".repeat(16 * 1024 * 1024)),
        ("order_created", DEADLY.to_owned()),
    ];
    let named = bodies.into_iter().map(|(event, body)| (event, Some(unique("poison")), body));
    named.chain([("order_reserved", None, "{}".to_owned())]).collect()
}

/// Publishes a message over AMQP, because the management API refuses a body of 16 MiB.
async fn publish(shop: &Shop, event: &'static str, id: Option<&str>, body: &str) {
    let amqp_url = shop.stack().amqp_url().unwrap().as_str().parse().unwrap();
    let publisher = Publisher::new(&Broker::new(&BrokerOptions { amqp_url }, "poisoner"));
    let none = BasicProperties::default();
    let poison = Outgoing {
        exchange: topology::ORDERS,
        routing_key: event.into(),
        mandatory: true,
        properties: match id {
            Some(id) => none.with_message_id(id.into()),
            None => none,
        },
        body: body.as_bytes().to_vec(),
    };
    assert_eq!(publisher.publish(poison).await.unwrap(), Verdict::Confirmed);
}

#[tokio::test]
async fn fault_11_poison_is_parked_and_harms_no_other_message() {
    let shop = Shop::start_as(|system| {
        let deadly = format!("consumer.delivered=return({DEADLY})");
        system
            .scale("order-service", 2)
            .env("order-processor", "PREFETCH", "50")
            .env("payment-worker", "PREFETCH", "50")
            .env("order-processor", "FAILPOINTS", &deadly)
    })
    .await;
    let poison = poison();
    let operations = shop.database("operations-service");
    let fault = async {
        sleep(FAULT_DELAY).await;
        for (event, id, body) in &poison {
            publish(&shop, event, id.as_deref(), body).await;
        }
        let mut deaths = 0;
        within(PARKING_DEADLINE, "all poison is parked", async || {
            let stored: i64 =
                sqlx::query_scalar("SELECT count(*) FROM parked_messages WHERE state = 'parked'")
                    .fetch_one(&operations)
                    .await
                    .unwrap();
            let parked = usize::try_from(stored) == Ok(poison.len());
            // Checked after the table, because the death of a worker parks the last message.
            if shop.stack().unexpected_end("order-processor", 1).unwrap().is_some() {
                deaths += 1;
                shop.stack().launch("order-processor", 1).unwrap();
            }
            parked.then_some(())
        })
        .await;
        assert!((3..=MAX_DELIVERIES).contains(&deaths), "{deaths} workers died");
    };
    let outcome = Load::on(&shop).during(fault).await;

    let ids = poison.iter().map(|(_, id, _)| id.clone().unwrap_or_default());
    let verdict = Checker::of(&shop, &outcome).expecting(ids).settled().await;
    println!("{verdict}");
    assert!(verdict.holds(), "{verdict}");
}

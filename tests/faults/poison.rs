//! Messages that nobody can make sense of, and one that kills whoever reads it.

use common::amqp::{
    connection::{Broker, BrokerOptions},
    publisher::{Outgoing, Publisher, Verdict},
    topology,
};
use lapin::BasicProperties;
use std::time::Duration;
use system_tests::{Checker, Load, Shop, unique, within};
use tokio::time::sleep;

/// Into the load, so that innocent messages are all around.
const FAULT_DELAY: Duration = Duration::from_secs(3);
/// What a body must contain to kill.
const DEADLY: &str = "deadly";
/// RabbitMQ parks a message by itself that was delivered so often and never settled. Not each delivery need be a death:
/// one that comes along with another suspect goes back unread.
const DELIVERIES: usize = 21;
/// For so many starts of a worker.
const PATIENCE: Duration = Duration::from_mins(4);

/// What must not be: the event it claims to be, its id, its body. One has no properties, and so no id.
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

/// As a client does: the management API takes no body of 16 MiB.
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
async fn fault_11_poison_is_parked_and_harms_nobody_else() {
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
    let fault = async {
        sleep(FAULT_DELAY).await;
        for (event, id, body) in &poison {
            publish(&shop, event, id.as_deref(), body).await;
        }
        let mut deaths = 0;
        within(PATIENCE, "all poison is parked", async || {
            let queues = shop.broker().queues().await.unwrap();
            let parked = queues.iter().any(|queue| {
                queue.name == topology::PARKING && usize::try_from(queue.messages) == Ok(poison.len())
            });
            // Looked at after the queue: what was parked last was parked by a death.
            if shop.stack().unexpected_end("order-processor", 1).unwrap().is_some() {
                deaths += 1;
                shop.stack().launch("order-processor", 1).unwrap();
            }
            parked.then_some(())
        })
        .await;
        assert!((3..=DELIVERIES).contains(&deaths), "{deaths} workers died");
    };
    let outcome = Load::on(&shop).during(fault).await;

    let ids = poison.iter().map(|(_, id, _)| id.clone().unwrap_or_default());
    let verdict = Checker::of(&shop, &outcome).expecting(ids).settled().await;
    println!("{verdict}");
    assert!(verdict.holds(), "{verdict}");
}

//! Each service has its own broker user. The user has the permissions of this service and no others.

use devstack::{
    instance::checkout,
    services::{BrokerRole, SERVICES},
};
use lapin::{
    BasicProperties, Channel, Connection,
    options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions},
    types::FieldTable,
};
use messaging::{
    connection::{Broker, BrokerOptions},
    declaring::Part,
    error::BrokerError,
    publisher::{Outgoing, Publisher, Verdict},
    topology,
};
use reqwest::Method;
use serde_json::json;
use system_tests::{Shop, answer, eventually};

/// A connection with the password of a service.
struct Intruder {
    broker: Broker,
    connection: Connection,
}

impl Intruder {
    async fn with_password_of(shop: &Shop, service: &str) -> Self {
        let amqp_url = shop.stack().amqp_url_of(service).unwrap().as_str().parse().unwrap();
        let broker = Broker::new(&BrokerOptions { amqp_url }, "intruder");
        let (connection, _) = broker.connect("intrude").await.unwrap();
        Self { broker, connection }
    }

    async fn publishes(&self, exchange: &'static str, key: &'static str) -> Result<Verdict, String> {
        let message = Outgoing {
            exchange,
            routing_key: key.into(),
            mandatory: true,
            properties: BasicProperties::default().with_message_id("forged".into()),
            body: b"{}".to_vec(),
        };
        Publisher::new(&self.broker).publish(message).await.map_err(|error| error.to_string())
    }

    async fn cannot_publish(&self, exchange: &'static str, key: &'static str) {
        let refused = self.publishes(exchange, key).await.unwrap_err();
        assert!(refused.contains("ACCESS_REFUSED"), "{exchange} {key}: {refused}");
    }

    /// Asserts that the broker refuses this with `ACCESS_REFUSED`.
    async fn cannot<T>(&self, what: &str, attempt: impl AsyncFnOnce(Channel) -> lapin::Result<T>) {
        let channel = self.connection.create_channel().await.unwrap();
        match attempt(channel).await {
            Ok(_) => panic!("{what} is allowed"),
            Err(error) => {
                let error = BrokerError::from(error).to_string();
                assert!(error.starts_with("ACCESS_REFUSED"), "{what}: {error}");
            }
        }
    }
}

#[test]
fn each_worker_has_rights_for_the_events_of_its_queue() {
    for queue in topology::WORK_QUEUES {
        let worker = SERVICES.iter().find(|service| service.name == queue.name).unwrap();
        let events: Vec<_> =
            queue.subscriptions.iter().flat_map(|subscription| subscription.events).copied().collect();
        let is_right = matches!(worker.broker, Some(BrokerRole::Worker(rights)) if rights == events);
        assert!(is_right, "devstack/src/services.rs needs for {}: Worker(&{events:?})", queue.name);
    }
}

#[tokio::test]
async fn a_worker_cannot_forge_events() {
    let shop = Shop::shared().await;
    let payments = Intruder::with_password_of(&shop, "payment-worker").await;
    let processor = Intruder::with_password_of(&shop, "order-processor").await;
    for (intruder, other) in [(&payments, "order-processor"), (&processor, "payment-worker")] {
        for event in ["order_cancelled", "order_completed", "order_paid", "order_reserved"] {
            intruder.cannot_publish("orders", event).await;
        }
        intruder.cannot_publish("work", other).await;
        intruder.cannot_publish("", other).await;
        for step in ["5s", "30s", "5m", "30m"].map(|step| format!("again.{step}")) {
            intruder.cannot_publish(String::leak(step), other).await;
        }
        intruder.cannot_publish("retry.5s", other).await;
    }
}

#[tokio::test]
async fn a_worker_cannot_read_or_change_queues_of_others() {
    let shop = Shop::shared().await;
    let payments = Intruder::with_password_of(&shop, "payment-worker").await;
    let bind = QueueBindOptions::default;
    payments
        .cannot("binding its queue to all events", async |channel| {
            channel
                .queue_bind(
                    "payment-worker".into(),
                    "orders".into(),
                    "#".into(),
                    bind(),
                    FieldTable::default(),
                )
                .await
        })
        .await;
    for queue in ["order-processor", "parking", "retry.5s"] {
        payments
            .cannot("consuming from another queue", async |channel| {
                let options = BasicConsumeOptions::default();
                channel.basic_consume(queue.into(), "".into(), options, FieldTable::default()).await
            })
            .await;
        payments
            .cannot("deleting another queue", async |channel| {
                channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await
            })
            .await;
    }
}

#[tokio::test]
async fn operations_service_cannot_publish_events() {
    let shop = Shop::shared().await;
    let operations = Intruder::with_password_of(&shop, "operations-service").await;
    for event in ["order_cancelled", "order_completed"] {
        operations.cannot_publish("orders", event).await;
    }
    operations.cannot_publish("again.5s", "payment-worker").await;
    operations.cannot_publish("park", "payment-worker").await;
    operations
        .cannot("declaring a queue", async |channel| {
            let options = QueueDeclareOptions::default();
            channel.queue_declare("parking.turn".into(), options, FieldTable::default()).await
        })
        .await;
    operations
        .cannot("consuming from a work queue", async |channel| {
            let options = BasicConsumeOptions::default();
            channel.basic_consume("payment-worker".into(), "".into(), options, FieldTable::default()).await
        })
        .await;
}

#[tokio::test]
async fn staff_see_why_the_broker_refuses() {
    let shop = Shop::start_as(|system| system.without("payment-worker")).await;
    let token = shop.staff().await.tokens().await.unwrap().access_token;
    shop.broker().publish("park", "payment-worker", &json!({ "message_id": "m-1" }), "{}").await.unwrap();
    let id = shop.sees_parked(1).await[0].id;
    shop.broker().revoke("operations-service").await.unwrap();
    let replay = format!("/parked/{id}/replay");
    for (method, path, reason) in
        [(Method::POST, replay.as_str(), "NOT_ALLOWED"), (Method::GET, "/queues", "401")]
    {
        eventually(&format!("{path} says {reason}"), async || {
            let request = shop.request(method.clone(), "operations-service", path).bearer_auth(&token);
            let detail = answer(request).await.is_problem(503).body["detail"].as_str().unwrap().to_owned();
            let is_named = detail.starts_with("RabbitMQ refuses: ") && detail.contains(reason);
            is_named.then_some(()).or_else(|| {
                println!("{path}: {detail}");
                None
            })
        })
        .await;
    }
}

#[tokio::test]
async fn the_users_of_the_containers_can_be_imported() {
    let shop = Shop::start_as(|system| system.private_servers().only("payment-simulator")).await;
    let template =
        std::fs::read_to_string(checkout().unwrap().join("deploy/rabbitmq/definitions.json")).unwrap();
    let definitions = template
        .replace("${RABBITMQ_USER}", "importer")
        .replace("${ORDER_SERVICE_BROKER_PASSWORD}", "secret-of-order-service");
    let file = shop.stack().folder().path("definitions.json");
    std::fs::write(&file, definitions).unwrap();
    let rabbitmq = shop.stack().servers().rabbitmq().unwrap();
    rabbitmq.control(&["import_definitions", file.to_str().unwrap()]).await.unwrap();

    let mut url = rabbitmq.amqp_url().unwrap();
    url.set_username("order-service").unwrap();
    url.set_password(Some("secret-of-order-service")).unwrap();
    let options = BrokerOptions { amqp_url: url.as_str().parse().unwrap() };
    let broker = Broker::new(&options, "test").declaring(Part::Everything);
    let (connection, channel) = broker.connect("test").await.unwrap();
    topology::declare_push_queues(&channel, "test").await.unwrap();
    connection.close(200, "done".into()).await.unwrap();
}

//! Staff look at the broker over HTTP: its queues, and what is parked.

use common::{
    amqp::{
        connection::{Broker, BrokerOptions},
        delivery::REASON,
        publisher::{Outgoing, Publisher, Verdict},
        topology::PARK,
    },
    contract::orders::OrderStatus::{Completed, Reserved},
};
use futures_util::future::join_all;
use lapin::{
    BasicProperties,
    types::{AMQPValue, FieldTable},
};
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Answer, Door, STATUSES_OF_A_GOOD_ORDER, Shop, answer, eventually};

const SERVICE: &str = "operations-service";
const HTML: &str = "<img src=x onerror=alert(1)>";

/// Somebody of the staff at their desk.
struct Desk<'a> {
    shop: &'a Shop,
    token: String,
}

impl<'a> Desk<'a> {
    async fn of(shop: &'a Shop) -> Self {
        Self { shop, token: shop.staff().await.tokens().await.unwrap().access_token }
    }

    async fn get(&self, path: &str) -> Answer {
        answer(self.shop.request(Method::GET, SERVICE, path).bearer_auth(&self.token)).await
    }

    async fn replay(&self, id: &str) -> Answer {
        let path = format!("/parked/{id}/replay");
        answer(self.shop.request(Method::POST, SERVICE, &path).bearer_auth(&self.token)).await
    }

    async fn discard(&self, id: &str) -> Answer {
        let path = format!("/parked/{id}");
        answer(self.shop.request(Method::DELETE, SERVICE, &path).bearer_auth(&self.token)).await
    }

    /// Waits until so much is parked.
    async fn sees_parked(&self, count: usize) -> Vec<Value> {
        eventually(&format!("{count} messages are listed"), async || {
            let answer = self.get("/parked?limit=100").await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let items = answer.body["items"].as_array().unwrap();
            (items.len() == count).then(|| items.clone())
        })
        .await
    }

    /// Parks a message as a worker of this queue does.
    async fn parks(&self, queue: &str, properties: &Value, body: &str) {
        self.shop.broker().publish("park", queue, properties, body).await.unwrap();
    }
}

/// As a client does: the management API takes no body of 16 MiB.
async fn parks_with_reason(shop: &Shop, reason: &str, body: &[u8]) {
    let amqp_url = shop.stack().amqp_url().unwrap().as_str().parse().unwrap();
    let publisher = Publisher::new(&Broker::new(&BrokerOptions { amqp_url }, "test"));
    let mut headers = FieldTable::default();
    headers.insert(REASON.into(), AMQPValue::LongString(reason.into()));
    let message = Outgoing {
        exchange: PARK,
        routing_key: "order-processor".into(),
        mandatory: true,
        properties: BasicProperties::default().with_headers(headers),
        body: body.to_vec(),
    };
    assert_eq!(publisher.publish(message).await.unwrap(), Verdict::Confirmed);
}

#[tokio::test]
async fn only_staff_see_the_broker() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await.token().await;
    for (method, path) in [
        (Method::GET, "/queues"),
        (Method::GET, "/parked"),
        (Method::GET, "/parked/m-1"),
        (Method::POST, "/parked/m-1/replay"),
        (Method::DELETE, "/parked/m-1"),
    ] {
        let request = || shop.request_at_gateway(method.clone(), &format!("/api{path}"));
        answer(request()).await.is_problem(401);
        answer(request().bearer_auth(&ada)).await.is_problem(403);
    }
}

#[tokio::test]
async fn staff_see_every_queue_with_its_consumers() {
    let shop = Shop::start().await;
    let desk = Desk::of(&shop).await;
    desk.parks("payment-worker", &json!({}), "not JSON").await;
    let queues = eventually("the broker has counted", async || {
        let queues = desk.get("/queues").await.body["items"].as_array().unwrap().clone();
        let of = |name: &str| queues.iter().find(|queue| queue["name"] == name).cloned();
        let has_counted = of("payment-worker")?["consumers"] == 1 && of("parking")?["ready"] == 1;
        has_counted.then_some(queues)
    })
    .await;
    let kinds: Vec<_> = queues.iter().map(|queue| queue["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["work", "work", "retry", "retry", "retry", "retry", "parking", "push", "push"]);
}

#[tokio::test]
async fn poison_is_listed_with_its_reason_shown_replayed_and_discarded() {
    let shop = Shop::start().await;
    let desk = Desk::of(&shop).await;
    let empty = desk.get("/parked").await;
    assert_eq!(empty.body, json!({ "items": [], "next_cursor": null, "total": 0 }));

    let properties = json!({ "message_id": "m-1", "type": "order_reserved", "correlation_id": HTML });
    shop.broker().publish("orders", "order_reserved", &properties, HTML).await.unwrap();
    let parked = desk.sees_parked(1).await.remove(0);
    let reason = parked["reason"].as_str().unwrap();
    assert!(reason.starts_with("not a valid order event"), "{reason}");
    assert_eq!(parked["id"], "m-1");
    assert_eq!((&parked["queue"], &parked["type"]), (&json!("payment-worker"), &json!("order_reserved")));
    assert_eq!((&parked["attempt"], &parked["order_id"]), (&json!(0), &json!(HTML)));
    assert!(parked["parked_at"].is_string(), "{parked}");

    let shown = desk.get("/parked/m-1").await;
    assert_eq!(shown.header("content-type"), "application/json");
    assert_eq!((&shown.body["body"], &shown.body["body_is_cut"]), (&json!(HTML), &json!(false)));
    assert_eq!(shown.body["headers"]["x-reason"], reason);

    // Poison stays poison: it comes back, under its own id.
    assert_eq!(desk.replay("m-1").await.body, json!({ "id": "m-1", "queues": ["payment-worker"] }));
    shop.worker_settles("payment-worker", 2).await;
    assert_eq!(desk.sees_parked(1).await[0]["id"], "m-1");

    assert_eq!(desk.discard("m-1").await.status, 204);
    for gone in [desk.discard("m-1").await, desk.replay("m-1").await, desk.get("/parked/m-1").await] {
        let detail = gone.is_problem(404).body["detail"].as_str().unwrap();
        assert!(detail.contains("m-1. It may have been replayed or discarded already"), "{detail}");
    }
    shop.settles().await;
}

#[tokio::test]
async fn whatever_is_parked_can_be_seen_by_many_and_discarded() {
    let shop = Shop::start().await;
    let desk = Desk::of(&shop).await;
    let huge = vec![b'x'; 16 * 1024 * 1024];
    parks_with_reason(&shop, HTML, &huge).await;
    desk.parks("order-processor", &json!({ "message_id": "../a b" }), "\u{0}\u{1b}[2J").await;
    shop.broker().publish("amq.default", "parking", &json!({ "message_id": "moved" }), "{}").await.unwrap();
    let parked = desk.sees_parked(3).await;

    let of_size = |bytes: usize| parked.iter().find(|message| message["bytes"] == bytes).unwrap();
    assert_eq!(of_size(huge.len())["reason"], HTML);
    let huge_id = of_size(huge.len())["id"].as_str().unwrap();
    let shown = desk.get(&format!("/parked/{huge_id}")).await.body;
    assert_eq!(shown["body"].as_str().unwrap().len(), 64 * 1024);
    assert_eq!(shown["body_is_cut"], true);
    let odd_id = of_size(5)["id"].as_str().unwrap();
    assert!(odd_id.starts_with("body-"), "an id that cannot stand in an address: {odd_id}");
    assert_eq!(desk.get(&format!("/parked/{odd_id}")).await.body["body"], "\u{0}\u{1b}[2J");

    assert_eq!(desk.replay("moved").await.is_problem(409).body["type"], "/problems/unknown-origin");

    // One at a time: each sees all of it, or is told that it was not their turn.
    let looks = join_all((0..8).map(|_| desk.get("/parked"))).await;
    let (saw, waited): (Vec<_>, Vec<_>) = looks.iter().partition(|look| look.status == 200);
    assert!(!saw.is_empty() && saw.iter().all(|look| look.body["total"] == 3), "{saw:?}");
    for look in waited {
        let detail = look.is_problem(503).body["detail"].as_str().unwrap();
        assert!(detail.starts_with("Another request is reading the parked messages"), "{detail}");
    }

    let first = desk.get("/parked?limit=2").await.body;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = desk.get(&format!("/parked?limit=2&cursor={cursor}")).await.body;
    let items = [&first, &second].map(|page| page["items"].as_array().unwrap().clone()).concat();
    assert_eq!(items, parked, "two pages, nothing twice");
    assert_eq!((&second["next_cursor"], &second["total"]), (&Value::Null, &json!(3)));
    desk.get("/parked?limit=0&cursor=x").await.is_problem(422).names(&["limit", "cursor"]);

    for message in &parked {
        assert_eq!(desk.discard(message["id"].as_str().unwrap()).await.status, 204);
    }
    shop.settles().await;
}

#[tokio::test]
async fn replaying_what_failed_completes_the_order_once() {
    let shop = Shop::start_as(|system| system.without("payment-worker")).await;
    shop.records_events().await;
    let desk = Desk::of(&shop).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.reaches(Reserved).await;
    eventually("the event is parked", async || {
        (shop.broker().reject("payment-worker", 1).await.unwrap().len() == 1).then_some(())
    })
    .await;
    let parked = desk.sees_parked(1).await.remove(0);
    assert_eq!(parked["reason"], "dead-lettered by RabbitMQ: rejected");
    assert_eq!(parked["order_id"], order.id.to_string());
    let id = parked["id"].as_str().unwrap();

    // Two of the staff at once: one does it, the other is told.
    shop.stack().scale("payment-worker", 1).await.unwrap();
    let mut answers = <[Answer; 2]>::from(tokio::join!(desk.replay(id), desk.replay(id)));
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(answers[0].status, 200, "{}", answers[0].body);
    answers[1].is_problem(404);
    order.reaches(Completed).await;

    // And once more, when all of it is done: no effect.
    let events = shop.recorded_events(order.id, 4).await;
    let reserved = events.iter().find(|event| event.properties["message_id"] == id).unwrap();
    desk.parks("payment-worker", &reserved.properties, &reserved.payload).await;
    desk.sees_parked(1).await;
    assert_eq!(desk.replay(id).await.status, 200);
    shop.worker_settles("payment-worker", 2).await;
    assert_eq!(order.history().await, STATUSES_OF_A_GOOD_ORDER);
    assert!(order.account().await.holds_once(900));
    shop.settles().await;
}

#[tokio::test]
async fn without_the_broker_staff_are_told_so() {
    let shop = Shop::start_as(|system| system.without("order-processor").without("payment-worker")).await;
    let mut door = Door::closed();
    let amqp_url: String = shop.stack().amqp_url().unwrap().into();
    let console = shop.stack().servers().management_url().unwrap();
    let mut side_door = Door::closed();
    shop.stack().set_env(SERVICE, "AMQP_URL", &door.redirect(&amqp_url)).unwrap();
    shop.stack().set_env(SERVICE, "AMQP_MANAGEMENT_URL", &side_door.redirect(console.as_str())).unwrap();
    shop.stack().restart(SERVICE, 1).await.unwrap();

    let desk = Desk::of(&shop).await;
    for path in ["/queues", "/parked"] {
        let refused = desk.get(path).await;
        let detail = refused.is_problem(503).body["detail"].as_str().unwrap();
        assert!(detail.starts_with("RabbitMQ does not answer now."), "{path}: {detail}");
        assert_eq!(refused.header("retry-after"), "2");
    }
    desk.replay("m-1").await.is_problem(503);

    door.opens_to(&amqp_url).await;
    side_door.opens_to(console.as_str()).await;
    for path in ["/queues", "/parked"] {
        assert_eq!(desk.get(path).await.status, 200, "{path}");
    }
}

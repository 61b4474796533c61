//! operations-service: staff see the queues and the parked messages over HTTP.

use contract::orders::OrderStatus::{Completed, Reserved};
use futures_util::future::join_all;
use lapin::{
    BasicProperties,
    types::{AMQPValue, FieldTable},
};
use messaging::{
    connection::{Broker, BrokerOptions},
    delivery::REASON,
    publisher::{Outgoing, Publisher, Verdict},
    topology::PARK,
};
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Answer, Door, STATUSES_OF_A_GOOD_ORDER, Shop, answer, eventually};

const SERVICE: &str = "operations-service";
const HTML: &str = "<img src=x onerror=alert(1)>";

/// A staff member who uses operations-service.
struct Operator<'a> {
    shop: &'a Shop,
    token: String,
}

impl<'a> Operator<'a> {
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

    /// Waits until this many messages are parked, and returns them.
    async fn sees_parked(&self, count: usize) -> Vec<Value> {
        eventually(&format!("{count} messages are listed"), async || {
            let answer = self.get("/parked?limit=100").await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let items = answer.body["items"].as_array().unwrap();
            (items.len() == count).then(|| items.clone())
        })
        .await
    }

    /// Parks a message in the same way as a worker of this queue.
    async fn parks(&self, queue: &str, properties: &Value, body: &str) {
        self.shop.broker().publish("park", queue, properties, body).await.unwrap();
    }
}

/// Parks a message over AMQP, because the management API refuses a body of 16 MiB.
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
        (Method::GET, "/parked/audit"),
        (Method::POST, "/parked/replay"),
        (Method::POST, "/parked/discard"),
        (Method::GET, "/parked/01900000-0000-7000-8000-000000000009"),
        (Method::POST, "/parked/01900000-0000-7000-8000-000000000009/replay"),
        (Method::DELETE, "/parked/01900000-0000-7000-8000-000000000009"),
    ] {
        let request = || shop.request_at_gateway(method.clone(), &format!("/api{path}")).json(&json!({}));
        answer(request()).await.is_problem(401);
        answer(request().bearer_auth(&ada)).await.is_problem(403);
    }
}

#[tokio::test]
async fn staff_see_every_queue_with_its_consumers() {
    let shop = Shop::start().await;
    let operator = Operator::of(&shop).await;
    let queues = eventually("the broker has counted", async || {
        let queues = operator.get("/queues").await.body["items"].as_array().unwrap().clone();
        let of = |name: &str| queues.iter().find(|queue| queue["name"] == name).cloned();
        let counted = ["payment-worker", "delivery-service", "parking"];
        let has_one = |name| of(name).is_some_and(|queue| queue["consumers"] == 1);
        counted.into_iter().all(has_one).then_some(queues)
    })
    .await;
    let kinds: Vec<_> = queues.iter().map(|queue| queue["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["work", "work", "work", "retry", "retry", "retry", "retry", "parking", "push", "push"]
    );
}

#[tokio::test]
async fn poison_can_be_listed_shown_replayed_and_discarded() {
    let shop = Shop::start().await;
    let operator = Operator::of(&shop).await;
    let empty = operator.get("/parked").await;
    assert_eq!(empty.body, json!({ "items": [], "next_cursor": null, "total": 0 }));

    let properties = json!({ "message_id": "m-1", "type": "order_reserved", "correlation_id": HTML });
    shop.broker().publish("orders", "order_reserved", &properties, HTML).await.unwrap();
    let parked = operator.sees_parked(1).await.remove(0);
    let reason = parked["reason"].as_str().unwrap();
    assert!(reason.starts_with("not a valid event"), "{reason}");
    assert_eq!((&parked["message_id"], &parked["state"]), (&json!("m-1"), &json!("parked")));
    let id = parked["id"].as_str().unwrap();
    assert_eq!((&parked["queue"], &parked["type"]), (&json!("payment-worker"), &json!("order_reserved")));
    assert_eq!((&parked["attempt"], &parked["order_id"]), (&json!(0), &json!(HTML)));
    assert!(parked["parked_at"].is_string(), "{parked}");

    let shown = operator.get(&format!("/parked/{id}")).await;
    assert_eq!(shown.header("content-type"), "application/json");
    assert_eq!((&shown.body["body"], &shown.body["body_is_cut"]), (&json!(HTML), &json!(false)));
    assert_eq!(shown.body["headers"]["x-reason"], reason);

    // A replayed poison message is parked again, with its message id and under a new id.
    assert_eq!(operator.replay(id).await.body, json!({ "id": id, "queues": ["payment-worker"] }));
    shop.worker_settles("payment-worker", 2).await;
    let again = operator.sees_parked(1).await.remove(0);
    let again_id = again["id"].as_str().unwrap();
    assert_eq!(again["message_id"], "m-1");
    assert_ne!(again_id, id);
    let replayed = operator.get(&format!("/parked/{id}")).await.body;
    assert_eq!(replayed["state"], "replayed");
    assert!(replayed["settled_at"].is_string() && replayed["audit_id"].is_string(), "{replayed}");

    assert_eq!(operator.discard(&format!("{again_id}?reason=a+test")).await.status, 204);
    for gone in [operator.discard(again_id).await, operator.replay(again_id).await] {
        let detail = gone.is_problem(409).body["detail"].as_str().unwrap();
        assert!(detail.starts_with("The message was already replayed or discarded"), "{detail}");
    }
    let audit = operator.get("/parked/audit").await.body;
    assert_eq!(
        (&audit["items"][0]["reason"], &audit["items"][1]["action"]),
        (&json!("a test"), &json!("replay"))
    );
    let unknown = operator.get("/parked/01900000-0000-7000-8000-000000000009").await;
    let detail = unknown.is_problem(404).body["detail"].as_str().unwrap();
    assert!(detail.contains("Use an id that the list shows"), "{detail}");
    operator.get("/parked/m-1").await.is_problem(400);
    shop.settles().await;
}

#[tokio::test]
async fn any_parked_message_can_be_read_concurrently_and_discarded() {
    let shop = Shop::start().await;
    let operator = Operator::of(&shop).await;
    let huge = vec![b'x'; 16 * 1024 * 1024];
    parks_with_reason(&shop, HTML, &huge).await;
    operator.parks("order-processor", &json!({ "message_id": "../a b" }), "\u{0}\u{1b}[2J").await;
    shop.broker().publish("amq.default", "parking", &json!({ "message_id": "moved" }), "{}").await.unwrap();
    let parked = operator.sees_parked(3).await;

    let of_size = |bytes: usize| parked.iter().find(|message| message["bytes"] == bytes).unwrap();
    assert_eq!(of_size(huge.len())["reason"], HTML);
    let huge_id = of_size(huge.len())["id"].as_str().unwrap();
    let shown = operator.get(&format!("/parked/{huge_id}")).await.body;
    assert_eq!(shown["body"].as_str().unwrap().len(), 64 * 1024);
    assert_eq!(shown["body_is_cut"], true);
    let whole = operator.get(&format!("/parked/{huge_id}?whole_body=true")).await.body;
    assert_eq!((whole["body"].as_str().unwrap().len(), &whole["body_is_cut"]), (huge.len(), &json!(false)));
    let odd_id = of_size(5)["id"].as_str().unwrap();
    assert_eq!(of_size(5)["message_id"], "../a b");
    assert_eq!(operator.get(&format!("/parked/{odd_id}")).await.body["body"], "\u{0}\u{1b}[2J");

    let moved = parked.iter().find(|message| message["message_id"] == "moved").unwrap();
    let refused = operator.replay(moved["id"].as_str().unwrap()).await;
    assert_eq!(refused.is_problem(409).body["type"], "/problems/unknown-origin");
    let lists = join_all((0..8).map(|_| operator.get("/parked"))).await;
    assert!(lists.iter().all(|list| list.body["total"] == 3), "{lists:?}");

    let first = operator.get("/parked?limit=2").await.body;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = operator.get(&format!("/parked?limit=2&cursor={cursor}")).await.body;
    let items = [&first, &second].map(|page| page["items"].as_array().unwrap().clone()).concat();
    assert_eq!(items, parked, "two pages without duplicates");
    assert_eq!((&second["next_cursor"], &second["total"]), (&Value::Null, &json!(3)));
    operator.get("/parked?limit=0&cursor=x").await.is_problem(422).names(&["limit", "cursor"]);

    for message in &parked {
        assert_eq!(operator.discard(message["id"].as_str().unwrap()).await.status, 204);
    }
    shop.settles().await;
}

#[tokio::test]
async fn a_replayed_message_completes_the_order_once() {
    let shop = Shop::start_as(|system| system.without("payment-worker")).await;
    shop.records_events().await;
    let operator = Operator::of(&shop).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.reaches(Reserved).await;
    eventually("the event is parked", async || {
        (shop.broker().reject("payment-worker", 1).await.unwrap().len() == 1).then_some(())
    })
    .await;
    let parked = operator.sees_parked(1).await.remove(0);
    assert_eq!(parked["reason"], "dead-lettered by RabbitMQ: rejected");
    assert_eq!(parked["order_id"], order.id.to_string());
    let id = parked["id"].as_str().unwrap();

    // Two concurrent replays: one succeeds, the other gets a 409.
    shop.stack().scale("payment-worker", 1).await.unwrap();
    let mut answers = <[Answer; 2]>::from(tokio::join!(operator.replay(id), operator.replay(id)));
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(answers[0].status, 200, "{}", answers[0].body);
    assert_eq!(answers[1].is_problem(409).body["type"], "/problems/not-parked");
    order.reaches(Completed).await;

    // A replay after the order is completed has no effect.
    let events = shop.recorded_events(order.id, 4).await;
    let reserved =
        events.iter().find(|event| event.properties["message_id"] == parked["message_id"]).unwrap();
    operator.parks("payment-worker", &reserved.properties, &reserved.payload).await;
    let again = operator.sees_parked(1).await.remove(0);
    assert_eq!(operator.replay(again["id"].as_str().unwrap()).await.status, 200);
    shop.worker_settles("payment-worker", 2).await;
    assert_eq!(order.history().await, STATUSES_OF_A_GOOD_ORDER);
    assert!(order.account().await.holds_once(900));
    shop.settles().await;
}

#[tokio::test]
async fn without_the_broker_staff_see_the_messages_that_are_stored() {
    let shop = Shop::start_as(|system| system.without("order-processor").without("payment-worker")).await;
    let mut door = Door::closed();
    let amqp_url: String = shop.stack().amqp_url().unwrap().into();
    let console = shop.stack().servers().management_url().unwrap();
    let mut side_door = Door::closed();
    shop.stack().set_env(SERVICE, "AMQP_URL", &door.redirect(&amqp_url)).unwrap();
    shop.stack().set_env(SERVICE, "AMQP_MANAGEMENT_URL", &side_door.redirect(console.as_str())).unwrap();
    shop.stack().restart(SERVICE, 1).await.unwrap();

    let operator = Operator::of(&shop).await;
    let refused = operator.get("/queues").await;
    let detail = refused.is_problem(503).body["detail"].as_str().unwrap();
    assert!(detail.starts_with("RabbitMQ does not answer now."), "{detail}");
    assert_eq!(refused.header("retry-after"), "2");
    assert_eq!(operator.get("/parked").await.body["total"], 0);

    operator.parks("payment-worker", &json!({ "message_id": "m-1" }), "{}").await;
    door.opens_to(&amqp_url).await;
    side_door.opens_to(console.as_str()).await;
    let parked = operator.sees_parked(1).await.remove(0);
    assert_eq!(operator.get("/queues").await.status, 200);

    door.closes().await;
    let id = parked["id"].as_str().unwrap();
    let refused = operator.replay(id).await;
    let detail = refused.is_problem(503).body["detail"].as_str().unwrap();
    assert!(detail.contains("still parked"), "{detail}");
    door.opens_to(&amqp_url).await;
    assert_eq!(operator.replay(id).await.status, 200);
}

#[tokio::test]
async fn without_the_database_staff_see_the_queues_and_parked_messages_wait() {
    let shop = Shop::start().await;
    let url = shop.stack().database_url(SERVICE).unwrap();
    let mut door = Door::closed();
    door.opens_to(&url).await;
    shop.stack().set_env(SERVICE, "OPERATIONS_DATABASE_URL", &door.redirect(&url)).unwrap();
    shop.stack().restart(SERVICE, 1).await.unwrap();
    let operator = Operator::of(&shop).await;

    door.closes().await;
    let refused = operator.get("/parked").await;
    let detail = refused.is_problem(503).body["detail"].as_str().unwrap();
    assert!(detail.starts_with("The database does not answer now."), "{detail}");
    assert_eq!(operator.get("/queues").await.status, 200);
    operator.parks("payment-worker", &json!({ "message_id": "m-1" }), "{}").await;
    shop.parking_queue_has(1).await;

    door.opens_to(&url).await;
    assert_eq!(operator.sees_parked(1).await[0]["message_id"], "m-1");
    shop.parking_queue_has(0).await;
}

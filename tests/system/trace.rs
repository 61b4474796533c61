//! A request, its messages and the requests of the workers share one trace.

use contract::orders::{Order, OrderStatus::Completed};
use reqwest::Method;
use runtime::trace::TraceContext;
use std::collections::BTreeSet;
use system_tests::{LogLine, PlacedOrder, Shop, answer};

#[tokio::test]
async fn a_request_starts_its_own_trace_through_all_services() {
    let shop = Shop::start().await;
    shop.records_events().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let clients = TraceContext::root();
    let body = ada.places(&[(&tea, 1)]).body().clone();

    let post = shop.request(Method::POST, "order-service", "/orders").bearer_auth(ada.token().await);
    let placed = answer(post.header("traceparent", clients.to_string()).json(&body)).await;
    let placed: Order = serde_json::from_value(placed.body).unwrap();
    let order = PlacedOrder::of(&ada, placed);
    order.reaches(Completed).await;

    let placing = shop.log_about("order-service", 1, order.id, "order placed").await;
    let placing = placing.iter().find(|line| line["message"] == "order placed").unwrap();
    assert_eq!(
        placing["span"]["client_trace_id"],
        clients.trace_id(),
        "the client's trace is logged as a link"
    );
    let trace = placing["span"]["trace_id"].as_str().unwrap();
    assert_ne!(trace, clients.trace_id(), "a client does not choose the trace");

    for message in shop.recorded_events(order.id, 4).await {
        let header = message.properties["headers"]["traceparent"].as_str().unwrap();
        let there: TraceContext = header.parse().unwrap();
        assert_eq!(there.trace_id(), trace, "{}", message.routing_key);
        assert_eq!(message.properties["correlation_id"], order.id.to_string());
        assert_eq!(message.properties["type"], message.routing_key);
        assert_eq!(message.properties["app_id"], "order-service");
        assert_eq!(message.properties["content_type"], "application/json");
        assert_eq!(message.properties["delivery_mode"], 2);
    }

    let log = async |service: &str, message: &str| -> Vec<LogLine> {
        shop.log_about(service, 1, order.id, message).await
    };
    let orders = log("order-service", "order changed").await;
    let patches = orders.iter().filter(|line| line["message"] == "order changed");
    let reached: BTreeSet<_> = patches.filter_map(|line| line["to"].as_str()).collect();
    assert_eq!(reached, BTreeSet::from(["reserved", "paid", "completed"]));
    assert!(orders.iter().any(|line| line["message"] == "order placed"));
    let workers = [log("order-processor", "completed").await, log("payment-worker", "charged").await];
    for line in workers.iter().flatten().chain(&orders) {
        assert_eq!(line["span"]["trace_id"], trace, "{line}");
    }
}

#[tokio::test]
async fn an_invalid_traceparent_starts_a_new_trace() {
    let shop = Shop::start().await;
    shop.records_events().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let body = ada.places(&[(&tea, 1)]).body().clone();
    let mut traces = BTreeSet::new();
    for invalid in ["nonsense", "00-00000000000000000000000000000000-0000000000000000-01"] {
        let post = shop.request(Method::POST, "order-service", "/orders").bearer_auth(ada.token().await);
        let placed = answer(post.header("traceparent", invalid).json(&body)).await;
        let id = placed.body["id"].as_str().unwrap().parse().unwrap();
        let created = shop.recorded_events(id, 1).await.remove(0);
        let header = created.properties["headers"]["traceparent"].as_str().unwrap();
        traces.insert(header.parse::<TraceContext>().unwrap().trace_id());
    }
    assert_eq!(traces.len(), 2, "each request has its own trace");
}

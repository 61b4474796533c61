//! Deliveries: from a completed order to the recipient, live and with the carrier's faults.

use chrono::{TimeDelta, Utc};
use contract::{
    deliveries::DeliveryStatus::{
        self, Created, Delivered, InTransit, Lost, OutForDelivery, Returned, Shipped,
    },
    ids::OrderId,
    orders::{Address, OrderStatus::Completed},
    push::{ClientFrame, DeliveryFrame, ServerFrame},
};
use orderctl::Socket;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use system_tests::{Customer, Shop, address, answer, carrier_event, eventually};
use tokio::time::timeout;

/// The way of a parcel that arrives.
const GOOD: [DeliveryStatus; 5] = [Created, Shipped, InTransit, OutForDelivery, Delivered];

/// Places an order with an address, and waits until it is completed.
async fn completed(shop: &Shop, ada: &Customer<'_>) -> OrderId {
    let tea = shop.sells("tea", 450, 10).await;
    let order = ada.places(&[(&tea, 1)]).shipped_to(address()).await;
    order.reaches(Completed).await;
    order.id
}

/// Reads the frames of deliveries up to this status.
async fn frames_up_to(socket: &mut Socket, last: DeliveryStatus) -> Vec<DeliveryFrame> {
    let mut seen = Vec::new();
    let reading = async {
        while seen.last().is_none_or(|frame: &DeliveryFrame| frame.status != last) {
            if let ServerFrame::Delivery(frame) = socket.next().await.expect("an open socket") {
                seen.push(frame);
            }
        }
    };
    timeout(Duration::from_mins(1), reading).await.expect("frames in time");
    seen
}

#[tokio::test]
async fn a_completed_order_is_delivered_and_its_owner_sees_it_live() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let mut socket = ada.socket(2).await;
    socket.send(&ClientFrame::Subscribe { order_id: None, after: None }).await.unwrap();
    let order = completed(&shop, &ada).await;
    let seen = frames_up_to(&mut socket, Delivered).await;
    assert!(seen.iter().all(|frame| frame.order_id == order), "{seen:?}");
    assert!(seen.is_sorted_by(|one, next| one.version < next.version), "{seen:?}");
    assert!(seen.iter().all(|frame| GOOD.contains(&frame.status)), "{seen:?}");

    let get = async |customer: &Customer<'_>| {
        let path = format!("/api/deliveries/{order}");
        answer(shop.request_at_gateway(Method::GET, &path).bearer_auth(customer.token().await)).await
    };
    let delivery = get(&ada).await;
    assert_eq!(delivery.status, 200, "{}", delivery.body);
    assert_eq!((&delivery.body["status"], &delivery.body["version"]), (&json!("delivered"), &json!(5)));
    assert_eq!(delivery.body["address"], json!(address()));
    assert!(delivery.body["shipped_at"].as_str() < delivery.body["delivered_at"].as_str());
    let eve = shop.customer("eve").await;
    assert_eq!(get(&eve).await.status, 404);
    let of_order = shop.parcels().await.into_iter().filter(|(_, reference)| *reference == order);
    assert_eq!(of_order.count(), 1);
}

#[tokio::test]
async fn a_bad_webhook_is_refused_counted_and_changes_nothing() {
    // Neither webhooks nor answers of the carrier move the parcel.
    let shop = Shop::start_as(|system| {
        let system = system.gateway().env("carrier-simulator", "SIMULATOR_MUTE", "true");
        system.env("delivery-service", "CARRIER_POLL_SECONDS", "3600")
    })
    .await;
    let ada = shop.customer("ada").await;
    let order = completed(&shop, &ada).await;
    let before = shop.delivery_reaches(order, Shipped).await;
    let parcel = before.parcel.clone().unwrap();
    let body = carrier_event(order, &parcel, "delivered", "forged-1");
    let (now, old) = (Utc::now(), Utc::now() - TimeDelta::minutes(6));
    let good = shop.carrier_signature(&body, now);
    let altered = body.replace("delivered", "returned");
    let unknown = carrier_event(OrderId::new(), "PCL-1", "delivered", "forged-2");
    let other = carrier_event(order, "PCL-1", "delivered", "forged-3");
    let large = "x".repeat(1_000_000);
    for (outcome, signature, body, status) in [
        ("bad_signature", None, &body, 401),
        ("bad_signature", Some("t=1,v1=00".to_owned()), &body, 401),
        ("bad_signature", Some(good.clone()), &altered, 401),
        ("old_signature", Some(shop.carrier_signature(&body, old)), &body, 401),
        ("unknown_parcel", Some(shop.carrier_signature(&unknown, now)), &unknown, 404),
        ("unknown_parcel", Some(shop.carrier_signature(&other, now)), &other, 404),
        ("too_large", Some(shop.carrier_signature(&large, now)), &large, 413),
    ] {
        let label = format!("outcome=\"{outcome}\"");
        let counted = async || shop.counted("delivery-service", "carrier_webhooks_total", &label).await;
        let earlier = counted().await;
        let refused = shop.carrier_sends(signature.as_deref(), body).await;
        assert_eq!(refused.is_problem(status).status, status, "{outcome}: {}", refused.body);
        assert!((counted().await - earlier - 1.0).abs() < f64::EPSILON, "{outcome} is counted");
        let refused = shop.carrier_sends_to_gateway(signature.as_deref(), body).await;
        assert_eq!(refused.status, status, "at the gateway: {outcome}");
    }
    assert_eq!(shop.delivery(order).await.unwrap(), before);

    // A good webhook works through the gateway, and a replayed one changes nothing.
    for _ in 0..2 {
        assert_eq!(shop.carrier_sends_to_gateway(Some(&good), &body).await.status, 204);
        let delivery = shop.delivery(order).await.unwrap();
        assert_eq!((delivery.status, delivery.version), (Delivered, before.version + 1));
    }
    let repeated = shop.counted("delivery-service", "carrier_webhooks_total", "outcome=\"repeated\"").await;
    assert!((repeated - 1.0).abs() < f64::EPSILON, "{repeated}");
}

#[tokio::test]
async fn the_owner_changes_the_address_until_the_parcel_is_handed_over() {
    let shop = Shop::start().await;
    shop.carrier_has_faults(json!({ "unavailable_percent": 100 })).await;
    let ada = shop.customer("ada").await;
    let order = completed(&shop, &ada).await;
    let token = ada.token().await;
    let other = Address { street: "1 Side Street".to_owned(), ..address() };
    let put = async |address: &Address| {
        let path = format!("/deliveries/{order}/address");
        let put = shop.request(Method::PUT, "delivery-service", &path);
        answer(put.bearer_auth(&token).json(address)).await
    };
    shop.delivery_reaches(order, Created).await;
    // The address is closed for a moment while the carrier is asked.
    let changed = eventually("the address is changed", async || {
        let answer = put(&other).await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    assert_eq!(changed.body["address"]["street"], "1 Side Street");
    let bad = put(&Address { country: "UK".to_owned(), ..address() }).await;
    assert_eq!((bad.status, &bad.body["errors"][0]["pointer"]), (422, &json!("/country")));

    shop.carrier_has_faults(json!({})).await;
    shop.delivery_reaches(order, Delivered).await;
    let late = put(&address()).await;
    assert_eq!(late.is_problem(409).body["type"], "/problems/handed-over");
    assert_eq!(shop.delivery(order).await.unwrap().address, Some(other));
}

#[tokio::test]
async fn a_parcel_without_an_address_waits_for_it() {
    let shop = Shop::shared().await;
    let (tea, ada) = (shop.sells("tea", 450, 10).await, shop.customer("ada").await);
    let order = ada.places(&[(&tea, 1)]).await;
    order.reaches(Completed).await;
    let waiting = shop.delivery_reaches(order.id, Created).await;
    assert_eq!((waiting.address, waiting.address_is_open), (None, true));
    let put = shop.request(Method::PUT, "delivery-service", &format!("/deliveries/{}/address", order.id));
    assert_eq!(answer(put.bearer_auth(ada.token().await).json(&address())).await.status, 200);
    shop.delivery_reaches(order.id, Delivered).await;
}

#[tokio::test]
async fn a_silent_carrier_is_asked_and_parcels_may_be_lost_or_come_back() {
    let shop = Shop::start().await;
    let ada = shop.customer("ada").await;
    for (fault, end) in [("lost_percent", Lost), ("returned_percent", Returned)] {
        shop.carrier_has_faults(json!({ "mute": true, fault: 100 })).await;
        let order = completed(&shop, &ada).await;
        let delivery = shop.delivery_reaches(order, end).await;
        assert_eq!(delivery.delivered_at, None);
        let token = shop.staff().await.tokens().await.unwrap().access_token;
        let path = format!("/deliveries?status={end}");
        let list = answer(shop.request(Method::GET, "delivery-service", &path).bearer_auth(token)).await;
        assert_eq!(list.body["items"][0]["order_id"], json!(order));
    }
    let received = shop.counted("delivery-service", "carrier_webhooks_total", "").await;
    assert!(received.abs() < f64::EPSILON, "{received} webhooks");
}

#[tokio::test]
async fn a_lost_event_is_found_and_an_error_after_taking_makes_one_parcel() {
    let shop = Shop::start().await;
    shop.carrier_has_faults(json!({ "error_after_taking": 1 })).await;
    shop.stack().stop("delivery-service", 1).await.unwrap();
    let ada = shop.customer("ada").await;
    let order = completed(&shop, &ada).await;
    shop.broker().purge("delivery-service").await.unwrap();
    shop.stack().start("delivery-service", 1).await.unwrap();
    shop.delivery_reaches(order, Delivered).await;
    assert_eq!(shop.parcels().await.len(), 1);
}

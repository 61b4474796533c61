//! Deliveries, and the carrier with its faults.

use crate::{
    answer::{Answer, answer},
    eventually::eventually_ok,
    shop::Shop,
};
use chrono::{DateTime, Utc};
use contract::{
    deliveries::{Delivery, DeliveryStatus},
    ids::OrderId,
    orders::Address,
};
use reqwest::{Method, RequestBuilder};
use rest::webhook::WebhookSecret;
use serde_json::{Value, json};

const CARRIER: &str = "carrier-simulator";

/// A valid address.
#[must_use]
pub fn address() -> Address {
    Address {
        name: "Ada Lovelace".to_owned(),
        street: "12 St James's Square".to_owned(),
        city: "London".to_owned(),
        postal_code: "SW1Y 4JH".to_owned(),
        country: "GB".to_owned(),
    }
}

/// The body of a webhook of the carrier.
#[must_use]
pub fn carrier_event(order: OrderId, parcel: &str, status: &str, id: &str) -> String {
    let event = json!({ "id": id, "status": status, "at": Utc::now() });
    json!({ "parcel": parcel, "reference": order, "event": event }).to_string()
}

impl Shop {
    /// The delivery of an order, as staff see it.
    pub async fn delivery(&self, order: OrderId) -> Option<Delivery> {
        let token = self.staff().await.tokens().await.expect("tokens").access_token;
        let get = self.request(Method::GET, "delivery-service", &format!("/deliveries/{order}"));
        let answer = answer(get.bearer_auth(token)).await;
        (answer.status == 200).then(|| serde_json::from_value(answer.body).expect("a delivery"))
    }

    /// Waits until the delivery of an order has this status.
    pub async fn delivery_reaches(&self, order: OrderId, status: DeliveryStatus) -> Delivery {
        eventually_ok(&format!("the delivery of {order} is {status}"), async || {
            match self.delivery(order).await {
                Some(delivery) if delivery.status == status => Ok(delivery),
                Some(delivery) => Err(format!("it is {}", delivery.status)),
                None => Err("there is none".to_owned()),
            }
        })
        .await
    }

    /// Switches these faults of the carrier on and all others off. `json!({})` switches all off.
    pub async fn carrier_has_faults(&self, faults: Value) {
        let request = self.request(Method::PUT, CARRIER, "/simulator/faults").json(&faults);
        assert_eq!(answer(request).await.status, 200, "{faults}");
    }

    /// The parcels that the carrier has: number and order.
    pub async fn parcels(&self) -> Vec<(String, OrderId)> {
        let answer = answer(self.request(Method::GET, CARRIER, "/simulator/shipments")).await;
        let parcels = answer.body.as_array().expect("a list of parcels").iter();
        let text = |parcel: &Value, member: &str| parcel[member].as_str().expect("a text").to_owned();
        let reference = |parcel: &Value| text(parcel, "reference").parse().expect("the id of an order");
        parcels.map(|parcel| (text(parcel, "id"), reference(parcel))).collect()
    }

    /// The signature of a webhook at this time.
    #[must_use]
    pub fn carrier_signature(&self, body: &str, at: DateTime<Utc>) -> String {
        let secret: WebhookSecret = self.stack().carrier_webhook_secret().parse().expect("a secret");
        secret.sign(at, body.as_bytes())
    }

    /// Sends a webhook to delivery-service.
    pub async fn carrier_sends(&self, signature: Option<&str>, body: &str) -> Answer {
        let post = self.request(Method::POST, "delivery-service", "/carrier/events");
        answer(signed(post, signature).body(body.to_owned())).await
    }

    /// Sends a webhook to the gateway.
    pub async fn carrier_sends_to_gateway(&self, signature: Option<&str>, body: &str) -> Answer {
        let post = self.request_at_gateway(Method::POST, "/api/carrier/events");
        answer(signed(post, signature).body(body.to_owned())).await
    }
}

fn signed(request: RequestBuilder, signature: Option<&str>) -> RequestBuilder {
    match signature {
        Some(signature) => request.header("Carrier-Signature", signature),
        None => request,
    }
}

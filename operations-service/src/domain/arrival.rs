//! A message that has arrived in the parking queue.

use super::origin::{Death, Route, moment, origin};
use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, Utc};
use messaging::delivery::{ATTEMPT, MAX_REASON_CHARACTERS, PARKED_AT, REASON};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// RabbitMQ counts deliveries in these headers, so they change from one delivery to the next.
const DELIVERY_COUNTS: [&str; 2] = ["x-delivery-count", "x-acquired-count"];

/// The AMQP properties that a replay needs, except the headers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Properties {
    pub message_id: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub correlation_id: Option<String>,
    /// In seconds since 1970.
    pub timestamp: Option<u64>,
    pub app_id: Option<String>,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub reply_to: Option<String>,
}

/// A parked message, ready to be stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arrival {
    /// Repeated deliveries of the message have the same digest. If it is parked again, the digest is new.
    pub digest: Vec<u8>,
    pub properties: Properties,
    pub headers: Map<String, Value>,
    pub body: Vec<u8>,
    /// The work queue that it came from.
    pub queue: Option<String>,
    pub reason: String,
    pub attempt: u32,
    pub at: Option<DateTime<Utc>>,
    pub parked_at: Option<DateTime<Utc>>,
}

impl Arrival {
    pub(crate) fn read(
        route: &Route<'_>,
        mut properties: Properties,
        mut headers: Map<String, Value>,
        body: Vec<u8>,
    ) -> Self {
        let digest = digest(route, &properties, &headers, &body);
        for text in properties.texts() {
            remove_nul(text);
        }
        headers = headers.into_iter().map(|(name, value)| (without_nul(name), storable(value))).collect();

        let queue = origin(route, &headers).map(without_nul);
        let death = Death::last(&headers).filter(|death| Some(death.queue) == queue.as_deref());
        let own_reason = headers.get(REASON).and_then(Value::as_str);
        let reason = match &death {
            Some(death) => death.sentence(),
            None => own_reason.unwrap_or("no reason is given").to_owned(),
        };
        let parked_at = match death {
            Some(death) => death.time,
            None => headers.get(PARKED_AT).and_then(Value::as_u64).and_then(moment),
        };
        Self {
            digest,
            queue,
            reason: reason.chars().take(MAX_REASON_CHARACTERS).collect(),
            attempt: attempt(&headers),
            at: properties.timestamp.and_then(moment),
            parked_at,
            properties,
            headers,
            body,
        }
    }
}

impl Properties {
    fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let texts = [
            &mut self.message_id,
            &mut self.kind,
            &mut self.correlation_id,
            &mut self.app_id,
            &mut self.content_type,
            &mut self.content_encoding,
            &mut self.reply_to,
        ];
        texts.into_iter().flatten()
    }
}

fn digest(route: &Route<'_>, properties: &Properties, headers: &Map<String, Value>, body: &[u8]) -> Vec<u8> {
    let counted = |name: &str| DELIVERY_COUNTS.contains(&name);
    let headers: Map<_, _> = headers.clone().into_iter().filter(|(name, _)| !counted(name)).collect();
    let envelope = serde_json::json!([route.exchange, route.routing_key, properties, headers]);
    let mut context = Context::new(&SHA256);
    context.update(envelope.to_string().as_bytes());
    // JSON has no NUL, so the body cannot be taken for a part of the envelope.
    context.update(&[0]);
    context.update(body);
    context.finish().as_ref().to_vec()
}

fn attempt(headers: &Map<String, Value>) -> u32 {
    let attempt = headers.get(ATTEMPT).and_then(Value::as_i64).unwrap_or_default();
    // The column is an `integer`.
    u32::try_from(attempt.clamp(0, i32::MAX.into())).unwrap_or_default()
}

/// PostgreSQL cannot store the character NUL in `text` and `jsonb`.
fn storable(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_nul(text)),
        Value::Array(values) => values.into_iter().map(storable).collect(),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(name, value)| (without_nul(name), storable(value))).collect())
        }
        other => other,
    }
}

fn without_nul(mut text: String) -> String {
    remove_nul(&mut text);
    text
}

fn remove_nul(text: &mut String) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{fffd}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn arrival(headers: Value, body: &[u8]) -> Arrival {
        let Value::Object(headers) = headers else { panic!("headers are an object") };
        let properties = Properties { message_id: Some("m-1".into()), ..Properties::default() };
        let route = Route { exchange: "park", routing_key: "payment-worker" };
        Arrival::read(&route, properties, headers, body.to_vec())
    }

    #[test]
    fn a_message_that_a_worker_parked_gives_the_reason() {
        let expired = json!([{ "queue": "retry.30m", "reason": "expired", "time": 1_600_000_000 }]);
        let headers = json!({
            "x-reason": "given up: no answer", "x-parked-at": 1_700_000_000, "x-attempt": 4, "x-death": expired,
        });
        let parked = arrival(headers, b"{}");
        assert_eq!(parked.queue.as_deref(), Some("payment-worker"));
        assert_eq!((parked.reason.as_str(), parked.attempt), ("given up: no answer", 4));
        assert_eq!(parked.parked_at.map(|at| at.timestamp()), Some(1_700_000_000));
    }

    #[test]
    fn a_message_that_the_broker_parked_does_not_show_the_reason_of_an_earlier_retry() {
        let deaths = json!([
            { "queue": "payment-worker", "reason": "delivery_limit", "time": 1_600_000_000 },
            { "queue": "retry.5s", "reason": "expired", "time": 1_500_000_000 },
        ]);
        let parked = arrival(json!({ "x-reason": "no answer", "x-death": deaths }), b"{}");
        assert!(parked.reason.starts_with("delivered too often"), "{}", parked.reason);
        assert_eq!(parked.parked_at.map(|at| at.timestamp()), Some(1_600_000_000));
    }

    #[test]
    fn each_delivery_of_a_message_has_the_same_digest() {
        let digest = |headers, body| arrival(headers, body).digest;
        let first = digest(json!({ "x-parked-at": 1 }), b"{}");
        assert_eq!(digest(json!({ "x-parked-at": 1, "x-delivery-count": 1 }), b"{}"), first);
        for (headers, body) in [
            (json!({ "x-parked-at": 2 }), &b"{}"[..]),
            (json!({ "x-parked-at": 1, "x-replay-of": "a" }), b"{}"),
            (json!({ "x-parked-at": 1 }), b"{ }"),
        ] {
            assert_ne!(digest(headers, body), first);
        }
    }

    #[test]
    fn a_message_of_another_program_can_be_stored() {
        let odd = json!({ "a\0": ["\0", { "b": "\0" }], "x-attempt": -1, "x-parked-at": u64::MAX });
        let parked = arrival(odd, b"\0");
        assert!(!Value::Object(parked.headers).to_string().contains("\\u0000"));
        assert_eq!((parked.attempt, parked.body), (0, b"\0".to_vec()));
        assert_eq!(parked.parked_at.unwrap().to_rfc3339(), "9999-12-31T23:59:59+00:00");
        assert_eq!(arrival(json!({ "x-attempt": u64::MAX }), b"").attempt, 0);
        assert_eq!(arrival(json!({ "x-attempt": i64::MAX }), b"").attempt, i32::MAX.unsigned_abs());
    }

    #[test]
    fn a_message_without_properties_has_no_origin_and_no_reason() {
        let route = Route { exchange: "", routing_key: "parking" };
        let bare = Arrival::read(&route, Properties::default(), Map::new(), Vec::new());
        assert_eq!((bare.queue, bare.parked_at, bare.at), (None, None, None));
        assert_eq!(bare.reason, "no reason is given");
    }
}

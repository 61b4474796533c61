//! One message that is parked.

use super::headers;
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use common::amqp::{
    delivery::Envelope,
    topology::{PARK, PARKING, RETRY_LADDER},
};
use lapin::{message::Delivery, types::ShortString};
use serde::Serialize;
use serde_json::{Map, Value};

/// What there is to know of a message at a glance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// By which it is addressed: its `message_id`, or for one without `body-` and the beginning of
    /// its body's SHA-256.
    pub id: String,
    /// The work queue that it came from, where that can be told.
    pub queue: Option<String>,
    /// What it tells of, as its publisher said.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The order that it is about, as its publisher said.
    pub order_id: Option<String>,
    /// Why it is parked.
    pub reason: String,
    /// How often handling it had failed before.
    pub attempt: usize,
    /// When what it tells of happened.
    pub at: Option<DateTime<Utc>>,
    /// The size of its body.
    pub bytes: usize,
}

/// A message that is parked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parked {
    /// The most important.
    #[serde(flatten)]
    pub summary: Summary,
    /// All headers.
    pub headers: Map<String, Value>,
    /// Its body as text; what is no UTF-8 is replaced.
    pub body: String,
}

impl Parked {
    pub(super) fn of(delivery: &Delivery) -> Self {
        let properties = &delivery.properties;
        let envelope = Envelope::of(delivery);
        let headers = properties.headers().as_ref().map(headers::json).unwrap_or_default();
        let queue = origin(delivery, &headers);
        let text = |property: &Option<ShortString>| property.as_ref().map(ToString::to_string);
        let summary = Summary {
            id: id_of(delivery),
            reason: reason(&envelope, last_death(&headers), queue.as_deref()),
            queue,
            kind: text(properties.kind()),
            order_id: text(properties.correlation_id()),
            attempt: envelope.attempt(),
            at: properties.timestamp().and_then(|at| DateTime::from_timestamp(i64::try_from(at).ok()?, 0)),
            bytes: delivery.data.len(),
        };
        Self { summary, headers, body: String::from_utf8_lossy(&delivery.data).into_owned() }
    }
}

/// By which a message is addressed.
pub(super) fn id_of(delivery: &Delivery) -> String {
    match delivery.properties.message_id() {
        Some(id) if !id.as_str().is_empty() => id.to_string(),
        _ => {
            let digest = digest(&SHA256, &delivery.data);
            let hex = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}"));
            format!("body-{}", hex.collect::<String>())
        }
    }
}

/// Whoever parks, worker or broker, does so through [`PARK`] under the work queue's name. What came
/// in another way, moved by hand for instance, may still tell by its last death.
fn origin(delivery: &Delivery, headers: &Map<String, Value>) -> Option<String> {
    if delivery.exchange.as_str() == PARK {
        return Some(delivery.routing_key.to_string());
    }
    let deaths = headers.get("x-death")?.as_array()?;
    let mut queues = deaths.iter().filter_map(|death| death.get("queue")?.as_str());
    let is_work = |queue: &&str| {
        let on_the_way = *queue == PARKING || RETRY_LADDER.iter().any(|step| step.name == *queue);
        // A header may say anything; a queue's name is a short string.
        !on_the_way && ShortString::try_new(*queue).is_ok()
    };
    queues.find(is_work).map(str::to_owned)
}

/// The latest of what the broker tells of a message's dead-letterings: where, why.
fn last_death(headers: &Map<String, Value>) -> Option<(&str, &str)> {
    let death = headers.get("x-death")?.get(0)?;
    Some((death.get("queue")?.as_str()?, death.get("reason")?.as_str()?))
}

fn reason(envelope: &Envelope<'_>, last_death: Option<(&str, &str)>, origin: Option<&str>) -> String {
    match last_death {
        // The last thing that happened to it was not an expiry on the ladder: the broker parked it,
        // and what our header says is why it had been retried before.
        Some((queue, "delivery_limit")) if Some(queue) == origin => {
            "delivered too often without an answer: it may kill its worker".to_owned()
        }
        Some((queue, why)) if Some(queue) == origin => format!("dead-lettered by RabbitMQ: {why}"),
        _ => envelope.reason().unwrap_or("no reason is given").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapin::{
        BasicProperties,
        types::{AMQPValue, FieldArray, FieldTable},
    };

    fn delivery(exchange: &str, key: &str, headers: Vec<(&str, AMQPValue)>) -> Delivery {
        let mut delivery = Delivery::mock(1, exchange.into(), key.into(), false, b"{}".to_vec());
        delivery.properties = BasicProperties::default().with_headers(table(headers));
        delivery
    }

    fn table(entries: Vec<(&str, AMQPValue)>) -> FieldTable {
        let mut table = FieldTable::default();
        for (name, value) in entries {
            table.insert(name.into(), value);
        }
        table
    }

    fn text(text: &str) -> AMQPValue {
        AMQPValue::LongString(text.into())
    }

    fn deaths(deaths: &[(&str, &str)]) -> AMQPValue {
        let mut array = FieldArray::default();
        for (queue, reason) in deaths {
            array.push(AMQPValue::FieldTable(table(vec![("queue", text(queue)), ("reason", text(reason))])));
        }
        AMQPValue::FieldArray(array)
    }

    #[test]
    fn what_a_worker_parked_says_why() {
        let expired = deaths(&[("retry.30m", "expired"), ("retry.5s", "expired")]);
        let headers = vec![
            ("x-reason", text("given up: no answer")),
            ("x-attempt", AMQPValue::LongInt(4)),
            ("x-death", expired),
        ];
        let summary = Parked::of(&delivery(PARK, "payment-worker", headers)).summary;
        assert_eq!(summary.queue.as_deref(), Some("payment-worker"));
        assert_eq!((summary.reason.as_str(), summary.attempt), ("given up: no answer", 4));
    }

    #[test]
    fn what_the_broker_parked_is_told_from_an_earlier_retry() {
        let headers = vec![
            ("x-reason", text("no answer")),
            ("x-death", deaths(&[("order-processor", "delivery_limit"), ("retry.5s", "expired")])),
        ];
        let summary = Parked::of(&delivery(PARK, "order-processor", headers)).summary;
        assert_eq!(summary.queue.as_deref(), Some("order-processor"));
        assert!(summary.reason.starts_with("delivered too often"), "{}", summary.reason);
    }

    #[test]
    fn what_was_moved_by_hand_came_from_where_it_last_died() {
        let moved = |deaths_of: &[(&str, &str)]| {
            Parked::of(&delivery("", PARKING, vec![("x-death", deaths(deaths_of))])).summary.queue
        };
        let queue =
            moved(&[("parking", "rejected"), ("retry.5s", "expired"), ("payment-worker", "rejected")]);
        assert_eq!(queue.as_deref(), Some("payment-worker"));
        assert_eq!(moved(&[("retry.5s", "expired")]), None);
        assert_eq!(moved(&[(&"x".repeat(256), "rejected")]), None, "no queue's name");
        assert_eq!(Parked::of(&delivery("", PARKING, vec![])).summary.queue, None);
    }

    #[test]
    fn a_message_without_an_id_is_addressed_by_its_body() {
        let mut bare = delivery(PARK, "order-processor", vec![]);
        bare.properties = BasicProperties::default();
        assert_eq!(id_of(&bare), "body-44136fa355b3678a");
        bare.properties = BasicProperties::default().with_message_id("m1".into());
        assert_eq!(id_of(&bare), "m1");
        let Summary { reason, at, kind, .. } = Parked::of(&bare).summary;
        assert_eq!((reason.as_str(), at, kind), ("no reason is given", None, None));
    }
}

//! One message that is parked.

use crate::parking::headers;
use crate::{
    delivery::{Envelope, LONGEST_REASON, PARKED_AT},
    topology::{PARK, PARKING, RETRY_LADDER},
};
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use lapin::{message::Delivery, types::ShortString};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What there is to know of a message at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ParkedSummary)]
pub struct Summary {
    /// By which it is addressed: its `message_id`, or for one without, or with one that is no plain
    /// name, `body-` and the beginning of its body's SHA-256.
    #[schema(example = "01900000-0000-7000-8000-000000000007")]
    pub id: String,
    /// The work queue that it came from, where that can be told.
    #[schema(example = "payment-worker")]
    pub queue: Option<String>,
    /// What it tells of, as its publisher said.
    #[serde(rename = "type")]
    #[schema(example = "order_reserved")]
    pub kind: Option<String>,
    /// The order that it is about, as its publisher said.
    #[schema(example = "01900000-0000-7000-8000-000000000004")]
    pub order_id: Option<String>,
    /// Why it is parked.
    #[schema(example = "given up: the payment provider does not answer")]
    pub reason: String,
    /// How often handling it had failed before.
    #[schema(example = 4)]
    pub attempt: usize,
    /// When what it tells of happened.
    pub at: Option<DateTime<Utc>>,
    /// Since when it is parked, where whoever parked it said so.
    pub parked_at: Option<DateTime<Utc>>,
    /// The size of its body.
    #[schema(example = 412)]
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

impl Summary {
    pub(super) fn of(delivery: &Delivery) -> Self {
        Self::read(delivery, &headers_of(delivery))
    }

    fn read(delivery: &Delivery, headers: &Map<String, Value>) -> Self {
        let properties = &delivery.properties;
        let envelope = Envelope::of(delivery);
        let queue = origin(delivery, headers);
        let death = Death::last(headers).filter(|death| Some(death.queue) == queue.as_deref());
        let text = |property: &Option<ShortString>| property.as_ref().map(ToString::to_string);
        Self {
            id: id_of(delivery),
            kind: text(properties.kind()),
            order_id: text(properties.correlation_id()),
            reason: reason(&envelope, death.as_ref()).chars().take(LONGEST_REASON).collect(),
            attempt: envelope.attempt(),
            at: properties.timestamp().and_then(moment),
            parked_at: match death {
                Some(death) => death.time,
                None => headers.get(PARKED_AT).and_then(Value::as_u64).and_then(moment),
            },
            bytes: delivery.data.len(),
            queue,
        }
    }

    /// Its place in a list: what has been parked for longest comes first, and before it what nobody
    /// knows that of.
    #[must_use]
    pub fn position(&self) -> (Option<DateTime<Utc>>, &str) {
        (self.parked_at, &self.id)
    }
}

impl Parked {
    pub(super) fn of(delivery: &Delivery) -> Self {
        let headers = headers_of(delivery);
        let summary = Summary::read(delivery, &headers);
        Self { summary, headers, body: String::from_utf8_lossy(&delivery.data).into_owned() }
    }
}

fn headers_of(delivery: &Delivery) -> Map<String, Value> {
    delivery.properties.headers().as_ref().map(headers::json).unwrap_or_default()
}

/// A moment as AMQP tells it, in seconds since 1970.
fn moment(seconds: u64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)
}

/// By which a message is addressed. A plain name can be typed, and be a part of an address as it is.
pub(super) fn id_of(delivery: &Delivery) -> String {
    let is_plain = |id: &&ShortString| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        id.as_str().bytes().all(plain) && id.as_str().bytes().any(|byte| byte.is_ascii_alphanumeric())
    };
    if let Some(id) = delivery.properties.message_id().as_ref().filter(is_plain) {
        return id.to_string();
    }
    let digest = digest(&SHA256, &delivery.data);
    let hex = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}"));
    format!("body-{}", hex.collect::<String>())
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

/// A dead-lettering: from where, why and when.
struct Death<'a> {
    queue: &'a str,
    reason: &'a str,
    time: Option<DateTime<Utc>>,
}

impl<'a> Death<'a> {
    /// The latest of what the broker tells of a message.
    fn last(headers: &'a Map<String, Value>) -> Option<Self> {
        let death = headers.get("x-death")?.get(0)?;
        Some(Self {
            queue: death.get("queue")?.as_str()?,
            reason: death.get("reason")?.as_str()?,
            time: death.get("time").and_then(Value::as_u64).and_then(moment),
        })
    }
}

/// `death` is the last thing that happened to it where that was not an expiry on the ladder: then the
/// broker parked it, and what our header says is why it had been retried before.
fn reason(envelope: &Envelope<'_>, death: Option<&Death<'_>>) -> String {
    match death.map(|death| death.reason) {
        Some("delivery_limit") => "delivered too often without an answer: it may kill its worker".to_owned(),
        Some(why) => format!("dead-lettered by RabbitMQ: {why}"),
        None => envelope.reason().unwrap_or("no reason is given").to_owned(),
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
            let time = AMQPValue::Timestamp(1_600_000_000);
            let entries = vec![("queue", text(queue)), ("reason", text(reason)), ("time", time)];
            array.push(AMQPValue::FieldTable(table(entries)));
        }
        AMQPValue::FieldArray(array)
    }

    #[test]
    fn what_a_worker_parked_says_why() {
        let expired = deaths(&[("retry.30m", "expired"), ("retry.5s", "expired")]);
        let headers = vec![
            ("x-reason", text("given up: no answer")),
            ("x-parked-at", AMQPValue::Timestamp(1_700_000_000)),
            ("x-attempt", AMQPValue::LongInt(4)),
            ("x-death", expired),
        ];
        let summary = Parked::of(&delivery(PARK, "payment-worker", headers)).summary;
        assert_eq!(summary.queue.as_deref(), Some("payment-worker"));
        assert_eq!((summary.reason.as_str(), summary.attempt), ("given up: no answer", 4));
        assert_eq!(summary.parked_at.map(|at| at.timestamp()), Some(1_700_000_000));
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
        assert_eq!(summary.parked_at.map(|at| at.timestamp()), Some(1_600_000_000));
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
        for odd in ["", "..", "a/b", "a b", "\u{1b}[2J", "ä"] {
            bare.properties = BasicProperties::default().with_message_id(odd.into());
            assert_eq!(id_of(&bare), "body-44136fa355b3678a", "{odd}");
        }
        bare.properties = BasicProperties::default().with_message_id("m1".into());
        assert_eq!(id_of(&bare), "m1");
        let Summary { reason, at, kind, .. } = Parked::of(&bare).summary;
        assert_eq!((reason.as_str(), at, kind), ("no reason is given", None, None));
    }
}

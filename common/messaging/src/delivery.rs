//! The envelope of an event: writes and reads the AMQP properties of its message.

use crate::{
    publisher::Outgoing,
    topology::{self, RETRY_LADDER, RetryStep},
};
use chrono::{DateTime, TimeDelta, Utc};
use lapin::{
    BasicProperties,
    message::Delivery,
    types::{AMQPValue, FieldTable, ShortString},
};
use runtime::trace::TRACEPARENT;
use std::collections::BTreeMap;
use storage::outbox::StoredEvent;

/// The number of times that handling the message has failed.
pub const ATTEMPT: &str = "x-attempt";
/// Why it last failed, or why it was parked.
pub const REASON: &str = "x-reason";
/// The most characters of a reason. A longer reason is cut: it may quote the body of a message, and all
/// headers must fit in one frame.
pub const MAX_REASON_CHARACTERS: usize = 1_000;
/// The time of parking, in seconds since 1970.
pub const PARKED_AT: &str = "x-parked-at";
/// The row of the parked message that operations-service replayed. A message keeps this header if it fails again.
pub const REPLAY_OF: &str = "x-replay-of";

/// Since when the message waits for a release that can read it.
const WAITING_SINCE: &str = "x-waiting-since";
/// How long a message waits for such a release at most. A rolling upgrade takes less.
const MAX_WAIT: TimeDelta = TimeDelta::days(1);

/// How many times a quorum queue took the message back from a lost consumer.
const RETURNS: &str = "x-delivery-count";

/// AMQP's number for "on disk".
pub const PERSISTENT: u8 = 2;

/// The message of an event to its exchange. The body is sent unchanged, also if this release cannot read it.
#[must_use]
pub fn message(event: StoredEvent, exchange: &'static str, app: &str) -> Outgoing {
    let mut headers = FieldTable::default();
    if let Some(traceparent) = event.traceparent {
        headers.insert(TRACEPARENT.into(), AMQPValue::LongString(traceparent.into()));
    }
    let properties = BasicProperties::default()
        .with_message_id(event.id.to_string().into())
        .with_type((&*event.name).into())
        .with_correlation_id(event.subject.to_string().into())
        .with_app_id(app.into())
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT)
        .with_headers(headers);
    Outgoing {
        exchange,
        mandatory: topology::has_work_queue(exchange, &event.name),
        routing_key: event.name,
        properties: match event.at {
            Some(at) => properties.with_timestamp(at),
            None => properties,
        },
        body: event.body.into_bytes(),
    }
}

/// The envelope of a delivery, as a consumer reads it.
pub struct Envelope<'a>(&'a BasicProperties);

impl<'a> Envelope<'a> {
    /// The envelope of a delivery.
    #[must_use]
    pub fn of(delivery: &'a Delivery) -> Self {
        Self(&delivery.properties)
    }

    /// How many times handling the message has failed.
    #[must_use]
    pub fn attempt(&self) -> usize {
        usize::try_from(self.count(ATTEMPT)).unwrap_or_default()
    }

    /// How many times the broker took the message back without an answer, because the consumer died or
    /// lost its connection. On a first delivery RabbitMQ 4.x omits the header, and 3.10 sends 0.
    #[must_use]
    pub fn returns(&self) -> u64 {
        u64::try_from(self.count(RETURNS)).unwrap_or_default()
    }

    /// Why handling the message last failed, or why the message was parked.
    #[must_use]
    pub fn reason(&self) -> Option<&'a str> {
        self.text(REASON)
    }

    /// The trace that the message belongs to.
    #[must_use]
    pub fn traceparent(&self) -> Option<&'a str> {
        self.text(TRACEPARENT)
    }

    /// The name of the event. Empty if the publisher gave none.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.0.kind().as_ref().map_or("", ShortString::as_str)
    }

    /// Since when the message waits for a release that can read it. `None` if it has not waited yet.
    fn waiting_since(&self) -> Option<DateTime<Utc>> {
        match self.header(WAITING_SINCE)? {
            AMQPValue::Timestamp(seconds) => DateTime::from_timestamp(i64::try_from(*seconds).ok()?, 0),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        match self.header(name)? {
            AMQPValue::LongString(text) => std::str::from_utf8(text.as_bytes()).ok(),
            AMQPValue::ShortString(text) => Some(text.as_str()),
            _ => None,
        }
    }

    fn count(&self, name: &str) -> i64 {
        match self.header(name) {
            Some(AMQPValue::LongInt(count)) => i64::from(*count),
            Some(AMQPValue::LongLongInt(count)) => *count,
            _ => 0,
        }
    }

    fn header(&self, name: &str) -> Option<&'a AMQPValue> {
        self.0.headers().as_ref()?.inner().get(name)
    }
}

/// The same message, to wait on the ladder for a release that can read it. This does not count as a failed
/// attempt. `None` if the message has waited for [`MAX_WAIT`].
pub(super) fn postponed(
    delivery: &Delivery,
    queue: &'static str,
    reason: &str,
    now: DateTime<Utc>,
) -> Option<Outgoing> {
    let since = Envelope::of(delivery).waiting_since().unwrap_or(now);
    let waited = now - since;
    if waited >= MAX_WAIT {
        return None;
    }
    // The next wait is at most as long as all waits so far, because an upgrade may take seconds or hours.
    let waited = waited.to_std().unwrap_or_default();
    let step = RETRY_LADDER.iter().rfind(|step| step.delay <= waited).or(RETRY_LADDER.first())?;
    let since = AMQPValue::Timestamp(u64::try_from(since.timestamp()).unwrap_or_default());
    Some(forwarded(delivery, step.exchange, queue, reason, (WAITING_SINCE, since)))
}

/// The same message, to wait on a step of the ladder and come back to `queue` as the next attempt.
pub(super) fn retried(delivery: &Delivery, step: &RetryStep, queue: &'static str, reason: &str) -> Outgoing {
    let attempt = Envelope::of(delivery).attempt() + 1;
    let count = AMQPValue::LongInt(i32::try_from(attempt).unwrap_or(i32::MAX));
    forwarded(delivery, step.exchange, queue, reason, (ATTEMPT, count))
}

/// The same message, to wait in parking for an operator.
pub(super) fn parked(delivery: &Delivery, queue: &'static str, reason: &str) -> Outgoing {
    let now = AMQPValue::Timestamp(u64::try_from(Utc::now().timestamp()).unwrap_or_default());
    forwarded(delivery, topology::PARK, queue, reason, (PARKED_AT, now))
}

fn forwarded(
    delivery: &Delivery,
    exchange: &'static str,
    queue: &'static str,
    reason: &str,
    (header, value): (&str, AMQPValue),
) -> Outgoing {
    // A new message has no returns. RabbitMQ 4.x would keep the old count on the first delivery.
    let mut headers = headers_of(delivery, |name| name != RETURNS);
    let reason: String = reason.chars().take(MAX_REASON_CHARACTERS).collect();
    headers.insert(REASON.into(), AMQPValue::LongString(reason.into()));
    headers.insert(header.into(), value);
    Outgoing {
        exchange,
        routing_key: queue.into(),
        mandatory: true,
        properties: delivery.properties.clone().with_headers(headers).with_delivery_mode(PERSISTENT),
        body: delivery.data.clone(),
    }
}

/// The headers whose names `keep` accepts.
fn headers_of(delivery: &Delivery, keep: impl Fn(&str) -> bool) -> FieldTable {
    let Some(headers) = delivery.properties.headers() else { return FieldTable::default() };
    let kept = headers.inner().iter().filter(|(name, _)| keep(name.as_str()));
    FieldTable::from(kept.map(|(name, value)| (name.clone(), value.clone())).collect::<BTreeMap<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(properties: BasicProperties) -> Delivery {
        let mut delivery = Delivery::mock(1, "orders".into(), "order_created".into(), false, b"{}".to_vec());
        delivery.properties = properties;
        delivery
    }

    #[test]
    fn a_message_without_properties_is_a_first_attempt() {
        let bare = delivery(BasicProperties::default());
        let envelope = Envelope::of(&bare);
        assert_eq!((envelope.attempt(), envelope.traceparent(), envelope.kind()), (0, None, ""));
    }

    #[test]
    fn a_retry_counts_as_an_attempt_and_keeps_the_message() {
        let mut headers = FieldTable::default();
        headers.insert(TRACEPARENT.into(), AMQPValue::LongString("00-x".into()));
        let properties = BasicProperties::default().with_message_id("m1".into()).with_headers(headers);
        let first = delivery(properties);

        let second = delivery(retried(&first, &RETRY_LADDER[0], "payment-worker", "no answer").properties);
        let third = retried(&second, &RETRY_LADDER[1], "payment-worker", "still none");
        assert_eq!(
            (third.exchange, &*third.routing_key, third.mandatory),
            ("again.30s", "payment-worker", true)
        );
        assert_eq!(third.body, b"{}");
        assert_eq!(third.properties.message_id().as_ref().unwrap().as_str(), "m1");

        let third = delivery(third.properties);
        let envelope = Envelope::of(&third);
        assert_eq!((envelope.attempt(), envelope.traceparent()), (2, Some("00-x")));
    }

    #[test]
    fn a_message_waits_up_to_a_day_for_a_newer_release_without_a_failed_attempt() {
        let first = Utc::now();
        let mut message = delivery(BasicProperties::default());
        let mut steps = Vec::new();
        for seconds in [0, 6, 31, 301, 1801, 86_398] {
            let now = first + TimeDelta::seconds(seconds);
            let waiting = postponed(&message, "payment-worker", "schema 2", now).unwrap();
            steps.push(waiting.exchange);
            assert_eq!(&*waiting.routing_key, "payment-worker");
            message = delivery(waiting.properties);
            assert_eq!(Envelope::of(&message).attempt(), 0);
        }
        assert_eq!(steps, ["again.5s", "again.5s", "again.30s", "again.5m", "again.30m", "again.30m"]);
        assert_eq!(
            postponed(&message, "payment-worker", "schema 2", first + TimeDelta::days(1)).map(drop),
            None
        );
    }

    #[test]
    fn a_forwarded_message_has_no_returns() {
        let mut headers = FieldTable::default();
        headers.insert(RETURNS.into(), AMQPValue::LongLongInt(3));
        let returned = delivery(BasicProperties::default().with_headers(headers));
        assert_eq!(Envelope::of(&returned).returns(), 3);
        let again = delivery(retried(&returned, &RETRY_LADDER[0], "payment-worker", "no answer").properties);
        assert_eq!(Envelope::of(&again).returns(), 0);
    }

    #[test]
    fn a_long_reason_is_cut() {
        let bare = delivery(BasicProperties::default());
        let parked = delivery(parked(&bare, "payment-worker", &"ü".repeat(100_000)).properties);
        let reason = Envelope::of(&parked).reason().unwrap();
        assert_eq!(reason.chars().count(), MAX_REASON_CHARACTERS);
    }

    #[test]
    fn the_asyncapi_document_describes_every_header() {
        let document: serde_json::Value =
            serde_saphyr::from_str(include_str!("../../../docs/asyncapi.yaml")).unwrap();
        let headers = &document["components"]["messageTraits"]["event"]["headers"]["properties"];
        for name in [TRACEPARENT, ATTEMPT, REASON, PARKED_AT, REPLAY_OF, WAITING_SINCE, RETURNS] {
            assert!(headers.get(name).is_some(), "{name}");
        }
    }
}

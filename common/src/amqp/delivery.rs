//! The envelope: what is said of an event in AMQP properties, written and read.

use super::{publisher::Outgoing, topology};
use crate::{contract::events::OrderEvent, trace::TRACEPARENT};
use lapin::{
    BasicProperties,
    message::Delivery,
    types::{AMQPValue, FieldTable, ShortString},
};

/// How often handling the message has failed.
const ATTEMPT: &str = "x-attempt";
/// Why it last failed, or why it was parked.
pub const REASON: &str = "x-reason";

/// AMQP's number for "on disk".
const PERSISTENT: u8 = 2;

/// An event as a message to `orders`.
pub fn event_message(
    event: &OrderEvent,
    traceparent: Option<&str>,
    app: &str,
) -> Result<Outgoing, serde_json::Error> {
    let name = event.change.name();
    let mut headers = FieldTable::default();
    if let Some(traceparent) = traceparent {
        headers.insert(TRACEPARENT.into(), AMQPValue::LongString(traceparent.into()));
    }
    let properties = BasicProperties::default()
        .with_message_id(event.id.to_string().into())
        .with_type(name.as_str().into())
        .with_correlation_id(event.order_id.to_string().into())
        .with_timestamp(u64::try_from(event.at.timestamp()).unwrap_or_default())
        .with_app_id(app.into())
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT)
        .with_headers(headers);
    Ok(Outgoing {
        exchange: topology::ORDERS,
        routing_key: name.as_str(),
        mandatory: topology::is_worked_on(name),
        properties,
        body: serde_json::to_vec(event)?,
    })
}

/// What a consumer reads from the envelope.
pub struct Envelope<'a>(&'a BasicProperties);

impl<'a> Envelope<'a> {
    /// The envelope of a delivery.
    #[must_use]
    pub fn of(delivery: &'a Delivery) -> Self {
        Self(&delivery.properties)
    }

    /// How often handling it has failed.
    #[must_use]
    pub fn attempt(&self) -> usize {
        let count = match self.header(ATTEMPT) {
            Some(AMQPValue::LongInt(count)) => i64::from(*count),
            Some(AMQPValue::LongLongInt(count)) => *count,
            _ => 0,
        };
        usize::try_from(count).unwrap_or_default()
    }

    /// The trace it belongs to.
    #[must_use]
    pub fn traceparent(&self) -> Option<&'a str> {
        match self.header(TRACEPARENT)? {
            AMQPValue::LongString(text) => std::str::from_utf8(text.as_bytes()).ok(),
            AMQPValue::ShortString(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The event's name as the publisher gave it; empty where it gave none.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.0.kind().as_ref().map_or("", ShortString::as_str)
    }

    fn header(&self, name: &str) -> Option<&'a AMQPValue> {
        self.0.headers().as_ref()?.inner().get(name)
    }
}

/// The same message, to wait on a step of the ladder and come back to `queue` as a further attempt.
pub(super) fn retried(
    delivery: &Delivery,
    step: &'static str,
    queue: &'static str,
    reason: &str,
) -> Outgoing {
    let attempt = Envelope::of(delivery).attempt() + 1;
    let count = AMQPValue::LongInt(i32::try_from(attempt).unwrap_or(i32::MAX));
    forwarded(delivery, step, queue, reason, Some(count))
}

/// The same message, to wait for an operator.
pub(super) fn parked(delivery: &Delivery, queue: &'static str, reason: &str) -> Outgoing {
    forwarded(delivery, topology::PARK, queue, reason, None)
}

fn forwarded(
    delivery: &Delivery,
    exchange: &'static str,
    queue: &'static str,
    reason: &str,
    attempt: Option<AMQPValue>,
) -> Outgoing {
    let mut headers = delivery.properties.headers().clone().unwrap_or_default();
    headers.insert(REASON.into(), AMQPValue::LongString(reason.into()));
    if let Some(attempt) = attempt {
        headers.insert(ATTEMPT.into(), attempt);
    }
    Outgoing {
        exchange,
        routing_key: queue,
        mandatory: true,
        properties: delivery.properties.clone().with_headers(headers).with_delivery_mode(PERSISTENT),
        body: delivery.data.clone(),
    }
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
    fn a_retry_counts_and_keeps_the_rest() {
        let mut headers = FieldTable::default();
        headers.insert(TRACEPARENT.into(), AMQPValue::LongString("00-x".into()));
        let properties = BasicProperties::default().with_message_id("m1".into()).with_headers(headers);
        let first = delivery(properties);

        let second = delivery(retried(&first, "retry.5s", "payment-worker", "no answer").properties);
        let third = retried(&second, "retry.30s", "payment-worker", "still none");
        assert_eq!(
            (third.exchange, third.routing_key, third.mandatory),
            ("retry.30s", "payment-worker", true)
        );
        assert_eq!(third.body, b"{}");
        assert_eq!(third.properties.message_id().as_ref().unwrap().as_str(), "m1");

        let third = delivery(third.properties);
        let envelope = Envelope::of(&third);
        assert_eq!((envelope.attempt(), envelope.traceparent()), (2, Some("00-x")));
    }
}

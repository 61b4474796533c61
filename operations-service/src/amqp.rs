//! Parked messages as AMQP has them: read from a delivery, and written for a replay.

use crate::{
    db::replays::Stored,
    domain::{
        arrival::{Arrival, Properties},
        origin::Route,
    },
};
use lapin::{
    BasicProperties,
    message::Delivery,
    types::{AMQPValue, FieldArray, FieldTable, ShortString},
};
use messaging::{
    delivery::{PERSISTENT, REPLAY_OF},
    publisher::Outgoing,
    topology::WORK,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Reads a delivery of the parking queue.
pub(crate) fn arrival(delivery: &Delivery) -> Arrival {
    let properties = &delivery.properties;
    let text = |property: &Option<ShortString>| property.as_ref().map(ToString::to_string);
    let route = Route { exchange: delivery.exchange.as_str(), routing_key: delivery.routing_key.as_str() };
    let headers = properties.headers().as_ref().map(json).unwrap_or_default();
    let properties = Properties {
        message_id: text(properties.message_id()),
        kind: text(properties.kind()),
        correlation_id: text(properties.correlation_id()),
        timestamp: *properties.timestamp(),
        app_id: text(properties.app_id()),
        content_type: text(properties.content_type()),
        content_encoding: text(properties.content_encoding()),
        reply_to: text(properties.reply_to()),
    };
    Arrival::read(&route, properties, headers, delivery.data.clone())
}

/// A message as it first came to its work queue, to be tried again with all its attempts. It keeps its id. The headers
/// that the broker and the workers added (`x-…`) are removed.
pub(crate) fn replay(message: Stored) -> Outgoing {
    let kept = message.headers.iter().filter(|(name, _)| !name.starts_with("x-"));
    let mut headers: BTreeMap<ShortString, AMQPValue> =
        kept.filter_map(|(name, value)| Some((short(name)?, amqp(value)))).collect();
    // If the message fails again within the same second, it must not be taken for a repeated delivery of this row.
    headers.insert(REPLAY_OF.into(), AMQPValue::LongString(message.id.to_string().into()));
    Outgoing {
        exchange: WORK,
        routing_key: message.queue.into(),
        mandatory: true,
        properties: properties(&message.properties).with_headers(headers.into()),
        body: message.body,
    }
}

fn properties(stored: &Properties) -> BasicProperties {
    let text = |text: &Option<String>| text.as_deref().and_then(short);
    let mut properties = BasicProperties::default().with_delivery_mode(PERSISTENT);
    if let Some(id) = text(&stored.message_id) {
        properties = properties.with_message_id(id);
    }
    if let Some(kind) = text(&stored.kind) {
        properties = properties.with_type(kind);
    }
    if let Some(id) = text(&stored.correlation_id) {
        properties = properties.with_correlation_id(id);
    }
    if let Some(seconds) = stored.timestamp {
        properties = properties.with_timestamp(seconds);
    }
    if let Some(app) = text(&stored.app_id) {
        properties = properties.with_app_id(app);
    }
    if let Some(kind) = text(&stored.content_type) {
        properties = properties.with_content_type(kind);
    }
    if let Some(encoding) = text(&stored.content_encoding) {
        properties = properties.with_content_encoding(encoding);
    }
    if let Some(queue) = text(&stored.reply_to) {
        properties = properties.with_reply_to(queue);
    }
    properties
}

fn short(text: &str) -> Option<ShortString> {
    ShortString::try_new(text).ok()
}

fn json(table: &FieldTable) -> Map<String, Value> {
    table.inner().iter().map(|(name, value)| (name.to_string(), value_json(value))).collect()
}

fn value_json(value: &AMQPValue) -> Value {
    match value {
        AMQPValue::Boolean(value) => (*value).into(),
        AMQPValue::ShortShortInt(value) => (*value).into(),
        AMQPValue::ShortShortUInt(value) => (*value).into(),
        AMQPValue::ShortInt(value) => (*value).into(),
        AMQPValue::ShortUInt(value) => (*value).into(),
        AMQPValue::LongInt(value) => (*value).into(),
        AMQPValue::LongUInt(value) => (*value).into(),
        AMQPValue::LongLongInt(value) => (*value).into(),
        AMQPValue::Float(value) => (*value).into(),
        AMQPValue::Double(value) => (*value).into(),
        AMQPValue::DecimalValue(value) => format!("{value:?}").into(),
        AMQPValue::ShortString(value) => value.as_str().into(),
        AMQPValue::LongString(value) => String::from_utf8_lossy(value.as_bytes()).into(),
        AMQPValue::FieldArray(values) => values.as_slice().iter().map(value_json).collect(),
        AMQPValue::Timestamp(seconds) => (*seconds).into(),
        AMQPValue::FieldTable(table) => json(table).into(),
        AMQPValue::ByteArray(bytes) => String::from_utf8_lossy(bytes.as_slice()).into(),
        AMQPValue::Void => Value::Null,
    }
}

/// The opposite of [`value_json`]. JSON has fewer types, so a header of another program may get a wider one.
fn amqp(value: &Value) -> AMQPValue {
    match value {
        Value::Null => AMQPValue::Void,
        Value::Bool(value) => AMQPValue::Boolean(*value),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => AMQPValue::LongLongInt(whole),
            None => AMQPValue::Double(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => AMQPValue::LongString(text.as_str().into()),
        Value::Array(values) => {
            let mut array = FieldArray::default();
            for value in values {
                array.push(amqp(value));
            }
            AMQPValue::FieldArray(array)
        }
        Value::Object(map) => {
            let entries = map.iter().filter_map(|(name, value)| Some((short(name)?, amqp(value))));
            AMQPValue::FieldTable(FieldTable::from(entries.collect::<BTreeMap<_, _>>()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn delivery() -> Delivery {
        let mut headers = FieldTable::default();
        headers.insert("traceparent".into(), AMQPValue::LongString("00-x".into()));
        headers.insert("x-reason".into(), AMQPValue::LongString("never".into()));
        headers.insert("x-attempt".into(), AMQPValue::LongInt(4));
        headers.insert("flags".into(), amqp(&json!([true, null, 1.5, { "a": 1 }])));
        let mut delivery = Delivery::mock(1, "park".into(), "payment-worker".into(), false, b"{}".to_vec());
        delivery.properties = BasicProperties::default()
            .with_message_id("m1".into())
            .with_type("order_reserved".into())
            .with_correlation_id("o1".into())
            .with_timestamp(1_700_000_000)
            .with_app_id("order-service".into())
            .with_content_type("application/json".into())
            .with_headers(headers);
        delivery
    }

    #[test]
    fn a_replayed_message_is_as_it_first_came() {
        let delivery = delivery();
        let Arrival { properties, headers, body, queue, reason, attempt, .. } = arrival(&delivery);
        assert_eq!((reason.as_str(), attempt), ("never", 4));
        let id = Uuid::now_v7();
        let replayed = replay(Stored { id, queue: queue.unwrap(), properties, headers, body });
        assert_eq!((replayed.exchange, &*replayed.routing_key), ("work", "payment-worker"));
        assert!(replayed.mandatory);
        assert_eq!(replayed.body, b"{}");
        let mut expected = delivery.properties.clone().with_delivery_mode(PERSISTENT);
        let mut headers = delivery.properties.headers().clone().unwrap().inner().clone();
        headers.retain(|name, _| !name.as_str().starts_with("x-"));
        headers.insert(REPLAY_OF.into(), AMQPValue::LongString(id.to_string().into()));
        expected = expected.with_headers(headers.into());
        assert_eq!(replayed.properties, expected);
    }
}

//! The envelope of a message, and trace contexts.

use super::mutation::{config, mutated, mutations};
use lapin::{
    BasicProperties,
    message::Delivery,
    types::{AMQPValue, FieldArray, FieldTable},
};
use messaging::delivery::Envelope;
use proptest::{collection::vec, prelude::*};
use runtime::trace::TraceContext;

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Any value that a publisher may put into a header.
fn any_value() -> impl Strategy<Value = AMQPValue> {
    prop_oneof![
        any::<bool>().prop_map(AMQPValue::Boolean),
        any::<i8>().prop_map(AMQPValue::ShortShortInt),
        any::<u16>().prop_map(AMQPValue::ShortUInt),
        any::<i32>().prop_map(AMQPValue::LongInt),
        any::<i64>().prop_map(AMQPValue::LongLongInt),
        any::<f64>().prop_map(AMQPValue::Double),
        any::<u64>().prop_map(AMQPValue::Timestamp),
        "[a-z0-9-]{0,60}".prop_map(|text| AMQPValue::ShortString(text.into())),
        vec(any::<u8>(), 0..80).prop_map(|bytes| AMQPValue::LongString(bytes.into())),
        vec(any::<u8>(), 0..80).prop_map(|bytes| AMQPValue::ByteArray(bytes.into())),
        Just(AMQPValue::FieldArray(FieldArray::default())),
        Just(AMQPValue::FieldTable(FieldTable::default())),
        Just(AMQPValue::Void),
    ]
}

fn delivery(headers: Vec<(&str, AMQPValue)>) -> Delivery {
    let mut table = FieldTable::default();
    for (name, value) in headers {
        table.insert(name.into(), value);
    }
    let mut delivery = Delivery::mock(1, "orders".into(), "order_created".into(), false, Vec::new());
    delivery.properties = BasicProperties::default().with_headers(table);
    delivery
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_header_causes_a_panic(
        attempt in any_value(),
        returns in any_value(),
        traceparent in any_value(),
    ) {
        let delivery = delivery(vec![
            ("x-attempt", attempt),
            ("x-delivery-count", returns),
            ("traceparent", traceparent),
        ]);
        let envelope = Envelope::of(&delivery);
        prop_assert!(envelope.attempt() <= usize::try_from(i64::MAX).unwrap());
        prop_assert!(envelope.returns() <= u64::try_from(i64::MAX).unwrap());
        let _ = TraceContext::continued(envelope.traceparent());
    }

    #[test]
    fn an_accepted_trace_context_reads_back(
        text in prop_oneof![
            any::<String>(),
            mutations().prop_map(|changes| String::from_utf8_lossy(&mutated(TRACEPARENT.as_bytes(), changes)).into_owned()),
        ]
    ) {
        if let Ok(context) = text.parse::<TraceContext>() {
            prop_assert_eq!(context.to_string(), text);
        }
    }
}

//! Tests of `docs/asyncapi.yaml`. The messages that the code writes must be valid, and the document must
//! describe all their members.
//!
//! `3.0.0.schema.json` is the schema of the specification, from the package `@asyncapi/specs` (Apache-2.0),
//! without white space.

use crate::{deliveries::DeliveryEventName, events::EventName, push};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, sync::LazyLock};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_saphyr::from_str(include_str!("../../../../docs/asyncapi.yaml"))
        .expect("docs/asyncapi.yaml is YAML")
});

/// Fails unless the message is valid and the document describes all its members.
pub(super) fn describes(message: &str) {
    let message: Value = serde_json::from_str(message).unwrap();
    let name = message["type"].as_str().unwrap();
    let schema = &DOCUMENT["components"]["messages"][name]["payload"];
    let errors: Vec<_> = validator(schema).iter_errors(&message).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "docs/asyncapi.yaml does not allow {message}: {errors:?}");
    let missing = undescribed(&[schema], &message, "");
    assert!(missing.is_empty(), "docs/asyncapi.yaml does not describe {missing:?} in {message}");
}

fn validator(schema: &Value) -> jsonschema::Validator {
    // `$ref`s are resolved from the root.
    let root = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
    jsonschema::draft7::options().should_validate_formats(true).build(&root).unwrap()
}

/// Returns the paths of members that no schema describes. They are missing in the document.
fn undescribed(schemas: &[&Value], value: &Value, path: &str) -> Vec<String> {
    let schemas = unfolded(schemas);
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| {
                let path = format!("{path}/{name}");
                let named: Vec<_> =
                    schemas.iter().filter_map(|schema| schema["properties"].get(name)).collect();
                if named.is_empty() { vec![path] } else { undescribed(&named, value, &path) }
            })
            .collect(),
        Value::Array(items) => {
            let of_items: Vec<_> = schemas.iter().filter_map(|schema| schema.get("items")).collect();
            items.iter().flat_map(|item| undescribed(&of_items, item, &format!("{path}/-"))).collect()
        }
        _ => Vec::new(),
    }
}

/// Adds all schemas that these schemas refer to or contain.
fn unfolded<'a>(schemas: &[&'a Value]) -> Vec<&'a Value>
where
    'static: 'a,
{
    let mut all: Vec<&Value> = schemas.to_vec();
    let mut next = 0;
    while let Some(schema) = all.get(next).copied() {
        if let Some(reference) = schema["$ref"].as_str() {
            all.push(DOCUMENT.pointer(&reference[1..]).unwrap_or_else(|| panic!("nothing at {reference}")));
        }
        for several in ["allOf", "oneOf"] {
            all.extend(schema[several].as_array().into_iter().flatten());
        }
        next += 1;
    }
    all
}

fn object<'a>(path: &str) -> &'a Map<String, Value> {
    DOCUMENT.pointer(path).and_then(Value::as_object).unwrap_or_else(|| panic!("no object at {path}"))
}

fn names(map: &Map<String, Value>) -> BTreeSet<&str> {
    map.keys().map(String::as_str).collect()
}

#[test]
fn the_document_is_valid_asyncapi_3() {
    let specification: Value = serde_json::from_str(include_str!("3.0.0.schema.json")).unwrap();
    let validator = jsonschema::draft7::new(&specification).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(&DOCUMENT).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn bindings_name_the_virtual_host_without_a_slash() {
    let address = DOCUMENT["servers"]["rabbitmq"]["pathname"].as_str().unwrap();
    let host = address.strip_prefix('/').unwrap();
    let mut bindings = 0;
    for (channel, value) in object("/channels") {
        for kind in ["exchange", "queue"] {
            if let Some(named) = value["bindings"]["amqp"][kind].get("vhost") {
                assert_eq!(named, host, "{channel}");
                bindings += 1;
            }
        }
    }
    assert_eq!(bindings, 6);
}

#[test]
fn every_reference_has_a_target() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    references(&DOCUMENT, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let target = reference.strip_prefix('#').and_then(|pointer| DOCUMENT.pointer(pointer));
        assert!(target.is_some(), "nothing at {reference}");
    }
}

#[test]
fn the_document_has_every_message() {
    // The `type` of each frame in the golden JSON of `push`.
    let frames = [
        "authenticate",
        "subscribe",
        "watch_orders",
        "authenticated",
        "subscribed",
        "refused",
        "status",
        "orders_changed",
        "delivery",
        "deliveries_changed",
    ];
    let events: BTreeSet<_> = EventName::ALL.map(EventName::as_str).into();
    let deliveries: BTreeSet<_> = DeliveryEventName::ALL.map(DeliveryEventName::as_str).into();
    let messages = events.iter().chain(&deliveries).copied().chain(frames).collect();
    assert_eq!(names(object("/components/messages")), messages);
    assert_eq!(names(object("/channels/deliveries/messages")), deliveries);
    assert_eq!(names(object("/channels/socket/messages")), frames.into());
    assert_eq!(names(object("/channels/orders/messages")), events);
    let protocol = "/channels/socket/bindings/ws/headers/properties/Sec-WebSocket-Protocol/const";
    assert_eq!(DOCUMENT.pointer(protocol).unwrap(), push::SUBPROTOCOL);
}

#[test]
fn the_examples_match_their_schemas() {
    let mut count = 0;
    for (name, message) in object("/components/messages") {
        for example in message["examples"].as_array().into_iter().flatten() {
            assert_eq!(example["payload"]["type"], json!(name));
            describes(&example["payload"].to_string());
            count += 1;
        }
    }
    assert!(count >= 6, "every frame has an example");
}

#[test]
fn a_message_that_differs_from_the_document_is_detected() {
    let valid = json!({ "type": "status", "order_id": "01900000-0000-7000-8000-000000000002", "status": "paid",
        "version": 3, "at": "2026-01-02T03:04:05Z" });
    describes(&valid.to_string());
    for (member, value) in [("colour", json!("red")), ("version", json!(0)), ("status", json!("shipped"))] {
        let mut other = valid.clone();
        other[member] = value;
        assert!(std::panic::catch_unwind(|| describes(&other.to_string())).is_err(), "{other}");
    }
}

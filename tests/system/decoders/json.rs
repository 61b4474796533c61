//! Bodies of messages and requests, and frames of the WebSocket.

use super::mutation::{config, mutated, mutations};
use contract::{
    catalog::{ProductDraft, ReservationRequest, StockCount},
    events::OrderEvent,
    orders::{Order, PayAgain, PlaceOrder, StatusUpdate},
    problems::ProblemDetails,
    push::{ClientFrame, ServerFrame},
    users::{Login, RefreshRequest, Registration},
};
use proptest::prelude::*;
use rest::extract;
use serde::{Serialize, de::DeserializeOwned};

const EVENTS: [&str; 4] = [
    r#"{"id":"01900000-0000-7000-8000-000000000001","schema":1,"order_id":"01900000-0000-7000-8000-000000000002","user_id":"01900000-0000-7000-8000-000000000003","version":1,"status":"new","at":"2026-01-02T03:04:05.678Z","type":"order_created","data":{"items":[{"product_id":"01900000-0000-7000-8000-000000000004","quantity":2}],"expected_total":{"amount_minor":900,"currency":"EUR"}}}"#,
    r#"{"id":"01900000-0000-7000-8000-000000000001","schema":1,"order_id":"01900000-0000-7000-8000-000000000002","user_id":"01900000-0000-7000-8000-000000000003","version":2,"status":"reserved","at":"2026-01-02T03:04:05Z","type":"order_reserved","data":{"lines":[{"product_id":"01900000-0000-7000-8000-000000000004","name":"Tea","quantity":2,"unit_price":{"amount_minor":450,"currency":"EUR"}}],"total":{"amount_minor":900,"currency":"EUR"},"payment_method":"pm_card_visa","attempt":1}}"#,
    r#"{"id":"01900000-0000-7000-8000-000000000001","schema":1,"order_id":"01900000-0000-7000-8000-000000000002","user_id":"01900000-0000-7000-8000-000000000003","version":4,"status":"completed","at":"2026-01-02T03:04:05Z","type":"order_completed","data":{}}"#,
    r#"{"id":"01900000-0000-7000-8000-000000000001","schema":1,"order_id":"01900000-0000-7000-8000-000000000002","user_id":"01900000-0000-7000-8000-000000000003","version":5,"status":"cancelled","at":"2026-01-02T03:04:05Z","type":"order_cancelled","data":{"by":"expiry"}}"#,
];

const PLACE: &str = r#"{"items":[{"product_id":"01900000-0000-7000-8000-000000000004","quantity":2}],"payment_method":"pm_card_visa","expected_total":{"amount_minor":900,"currency":"EUR"},"shipping_address":{"name":"Ada Lovelace","street":"12 St James's Square","city":"London","postal_code":"SW1Y 4JH","country":"GB"},"note":"Ring twice."}"#;
const UPDATES: [&str; 3] = [
    r#"{"status":"reserved","lines":[{"product_id":"01900000-0000-7000-8000-000000000004","name":"Tea","quantity":2,"unit_price":{"amount_minor":450,"currency":"EUR"}}],"total":{"amount_minor":900,"currency":"EUR"}}"#,
    r#"{"status":"paid","attempt":1,"payment_id":"pi_1"}"#,
    r#"{"status":"completed"}"#,
];
const RESERVATION: &str = r#"{"order_id":"01900000-0000-7000-8000-000000000002","items":[{"product_id":"01900000-0000-7000-8000-000000000004","quantity":2}]}"#;
const DRAFT: &str = r#"{"sku":"TEA-1","name":"Tea","description":"Leaves.","category":"Tea","price":{"amount_minor":450,"currency":"EUR"}}"#;
const REGISTRATION: &str = r#"{"username":"ada","email":"ada@example.com","password":"correct horse"}"#;
const PROBLEM: &str = r#"{"type":"/problems/validation","title":"Some fields are not valid","status":422,"detail":"x","errors":[{"pointer":"/items","detail":"none"}],"current_status":"paid"}"#;

const CLIENT_FRAMES: [&str; 3] = [
    r#"{"type":"authenticate","token":"x"}"#,
    r#"{"type":"subscribe"}"#,
    r#"{"type":"subscribe","order_id":"01900000-0000-7000-8000-000000000002","after":3}"#,
];
const SERVER_FRAMES: [&str; 3] = [
    r#"{"type":"authenticated","expires_at":"2026-01-02T03:04:05Z"}"#,
    r#"{"type":"refused","order_id":"01900000-0000-7000-8000-000000000002","detail":"There is no such order."}"#,
    r#"{"type":"status","order_id":"01900000-0000-7000-8000-000000000002","status":"paid","version":3,"at":"2026-01-02T03:04:05Z","reason":"x","snapshot":true}"#,
];

/// One of the documents, changed or unchanged, or arbitrary bytes.
fn nearly(documents: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let document = prop::sample::select(documents);
    prop_oneof![
        6 => (document.clone(), mutations()).prop_map(|(text, changes)| mutated(text.as_bytes(), changes)),
        1 => document.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        // Nesting that would end a recursive reader's stack.
        1 => (0..5_000_usize).prop_map(|depth| "[{\"a\":".repeat(depth).into_bytes()),
    ]
}

/// A value that was read is written and read again without a change.
fn reads_back<T: Serialize + DeserializeOwned>(read: &T) -> Result<(), TestCaseError> {
    let written = serde_json::to_value(read).unwrap();
    let again: T = serde_json::from_value(written.clone()).unwrap();
    prop_assert_eq!(serde_json::to_value(again).unwrap(), written);
    Ok(())
}

/// The body of a request is accepted, or refused with an answer that names the invalid part.
fn request<T: Serialize + DeserializeOwned>(body: &[u8]) -> Result<(), TestCaseError> {
    match extract::parse::<T>(body) {
        Ok(read) => reads_back(&read),
        Err(problem) => {
            prop_assert!(matches!(problem.details.status, 400 | 422), "{:?}", problem);
            prop_assert_eq!(problem.details.status == 422, problem.details.errors.len() == 1);
            prop_assert!(
                problem.details.errors.iter().all(|error| is_pointer(&error.pointer)),
                "{:?}",
                problem
            );
            Ok(())
        }
    }
}

/// RFC 6901, section 3.
fn is_pointer(text: &str) -> bool {
    let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    escapes && (text.is_empty() || text.starts_with('/'))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_event_is_decoded_or_refused(body in nearly(&EVENTS)) {
        if let Ok(event) = OrderEvent::decode(&body) {
            let written = serde_json::to_vec(&event).unwrap();
            prop_assert_eq!(OrderEvent::decode(&written).unwrap(), event);
        }
    }

    #[test]
    fn an_order_is_decoded_or_refused(body in nearly(&[PLACE])) {
        request::<PlaceOrder>(&body)?;
    }

    #[test]
    fn a_status_update_is_decoded_or_refused(body in nearly(&UPDATES)) {
        request::<StatusUpdate>(&body)?;
    }

    #[test]
    fn a_reservation_is_decoded_or_refused(body in nearly(&[RESERVATION])) {
        request::<ReservationRequest>(&body)?;
    }

    #[test]
    fn a_product_is_decoded_or_refused(body in nearly(&[DRAFT])) {
        request::<ProductDraft>(&body)?;
    }

    #[test]
    fn a_small_request_is_decoded_or_refused(
        body in nearly(&[REGISTRATION, r#"{"username":"ada","password":"x"}"#, r#"{"refresh_token":"x"}"#, r#"{"payment_method":"pm_card_visa"}"#, r#"{"on_hand":40}"#])
    ) {
        request::<Registration>(&body)?;
        request::<Login>(&body)?;
        request::<RefreshRequest>(&body)?;
        request::<PayAgain>(&body)?;
        request::<StockCount>(&body)?;
    }

    #[test]
    fn a_clients_frame_is_decoded_or_refused(body in nearly(&CLIENT_FRAMES)) {
        if let Ok(frame) = serde_json::from_slice::<ClientFrame>(&body) {
            reads_back(&frame)?;
        }
    }

    #[test]
    fn an_answer_is_decoded_or_refused(frame in nearly(&SERVER_FRAMES), problem in nearly(&[PROBLEM])) {
        if let Ok(frame) = serde_json::from_slice::<ServerFrame>(&frame) {
            reads_back(&frame)?;
        }
        if let Ok(problem) = serde_json::from_slice::<ProblemDetails>(&problem) {
            reads_back(&problem)?;
        }
        if let Ok(order) = serde_json::from_slice::<Order>(&problem) {
            reads_back(&order)?;
        }
    }
}

#[test]
fn the_unchanged_documents_are_accepted() {
    fn accepted<T: DeserializeOwned>(documents: &[&str]) {
        for document in documents {
            assert!(serde_json::from_str::<T>(document).is_ok(), "{document}");
        }
    }
    accepted::<OrderEvent>(&EVENTS);
    accepted::<StatusUpdate>(&UPDATES);
    accepted::<ClientFrame>(&CLIENT_FRAMES);
    accepted::<ServerFrame>(&SERVER_FRAMES);
    accepted::<PlaceOrder>(&[PLACE]);
    accepted::<ReservationRequest>(&[RESERVATION]);
    accepted::<ProductDraft>(&[DRAFT]);
    accepted::<Registration>(&[REGISTRATION]);
    accepted::<ProblemDetails>(&[PROBLEM]);
}

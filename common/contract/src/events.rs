//! Events: what all of them have in common, and the events of an order.
//!
//! A service stores an event in its own database and publishes it as the body of a message. The events of
//! orders come from order-service. The workers and the push of every replica read them.

use crate::{
    ids::{EventId, OrderId, UserId},
    money::Money,
    orders::{Item, Line, OrderStatus, RejectReason},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;
use uuid::Uuid;

/// The schema of the body. There is only one schema so far. A reader must not guess a later schema. A
/// consumer keeps such a message until a newer release reads it.
pub const SCHEMA: u32 = 1;

/// An event that a service publishes. It is the body of a message and a row in the service's database.
pub trait Event: Serialize + Send + Sync + 'static {
    /// The event's id, which is also the `message_id` of the message.
    fn id(&self) -> EventId;
    /// The id of what has changed, such as an order. It is also the `correlation_id` of the message.
    fn subject(&self) -> Uuid;
    /// The version of the subject after this event: 1, 2, 3 … without a gap.
    fn version(&self) -> u32;
    /// The event's name: the message's `type` and its routing key.
    fn name(&self) -> &'static str;
    /// When it happened.
    fn at(&self) -> DateTime<Utc>;
}

/// The events that a worker handles, as it reads them from messages. A worker of several exchanges has an
/// enum of the events of all.
pub trait Incoming: Sized + Send + 'static {
    /// Reads a message. `name` is its `type`, which is empty if the publisher gave none.
    fn read(name: &str, body: &[u8]) -> Result<Self, DecodeError>;
    /// The order that the event concerns, for logs and traces.
    fn order_id(&self) -> Option<OrderId>;
}

/// A change of an order. It is published with its name as the routing key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEvent {
    /// The event's id, which is also the `message_id` of the message.
    pub id: EventId,
    /// The schema of this body, see [`SCHEMA`].
    pub schema: u32,
    /// The order, which is also the `correlation_id` of the message.
    pub order_id: OrderId,
    /// The owner of the order.
    pub user_id: UserId,
    /// The order's version after this event: 1, 2, 3 … without a gap.
    pub version: u32,
    /// The order's status after this event.
    pub status: OrderStatus,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    #[serde(flatten)]
    pub change: Change,
}

/// The change itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Change {
    /// It was placed.
    #[serde(rename = "order_created")]
    Created {
        /// The ordered items.
        items: Vec<Item>,
        /// The discount codes that the customer entered.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        codes: Vec<String>,
        /// The total after discounts that the customer expects, if they gave one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected_total: Option<Money>,
    },
    /// Its stock is held and it can be charged.
    #[serde(rename = "order_reserved")]
    Reserved {
        /// The held items, with prices.
        lines: Vec<Line>,
        /// The amount to charge.
        total: Money,
        /// The payment method to charge.
        payment_method: String,
        /// The number of the payment attempt, from 1.
        attempt: u32,
    },
    /// The shop rejected it.
    #[serde(rename = "order_rejected")]
    Rejected {
        /// The reason.
        reason: RejectReason,
        /// One sentence for the customer.
        detail: String,
    },
    /// It was charged.
    #[serde(rename = "order_paid")]
    Paid {
        /// The payment attempt that succeeded.
        attempt: u32,
        /// The provider's id of the payment.
        payment_id: String,
    },
    /// The charge was declined.
    #[serde(rename = "order_payment_failed")]
    PaymentFailed {
        /// The payment attempt that failed.
        attempt: u32,
        /// The provider's code, such as `insufficient_funds`.
        reason: String,
    },
    /// It was cancelled.
    #[serde(rename = "order_cancelled")]
    Cancelled {
        /// The party that cancelled it.
        #[serde(default)]
        by: CancelledBy,
        /// The code of the payment if the order cannot be charged, such as `currency_not_supported`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// It is complete: it is paid, and its stock has left the warehouse.
    #[serde(rename = "order_completed")]
    Completed {},
    /// A refund was requested.
    #[serde(rename = "order_refund_requested")]
    RefundRequested {},
    /// The money was refunded.
    #[serde(rename = "order_refunded")]
    Refunded {
        /// The provider's id of the refund.
        refund_id: String,
    },
}

/// The party that cancelled an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelledBy {
    /// Its owner, or staff for them.
    #[default]
    Customer,
    /// The shop: it was not paid in time, or no payment method can be charged for it.
    Expiry,
}

impl Change {
    /// The event's name.
    #[must_use]
    pub const fn name(&self) -> EventName {
        match self {
            Self::Created { .. } => EventName::Created,
            Self::Reserved { .. } => EventName::Reserved,
            Self::Rejected { .. } => EventName::Rejected,
            Self::Paid { .. } => EventName::Paid,
            Self::PaymentFailed { .. } => EventName::PaymentFailed,
            Self::Cancelled { .. } => EventName::Cancelled,
            Self::Completed {} => EventName::Completed,
            Self::RefundRequested {} => EventName::RefundRequested,
            Self::Refunded { .. } => EventName::Refunded,
        }
    }

    /// The reason in one word, if there is one.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Rejected { reason, .. } => Some(reason.as_str()),
            Self::PaymentFailed { reason, .. } | Self::Cancelled { reason: Some(reason), .. } => Some(reason),
            Self::Cancelled { by: CancelledBy::Expiry, .. } => Some("expired"),
            _ => None,
        }
    }

    /// The sentence for the customer that goes with a rejection.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Rejected { detail, .. } => Some(detail),
            _ => None,
        }
    }
}

/// The name of an event: the message's `type` and its routing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventName {
    /// `order_created`
    Created,
    /// `order_reserved`
    Reserved,
    /// `order_rejected`
    Rejected,
    /// `order_paid`
    Paid,
    /// `order_payment_failed`
    PaymentFailed,
    /// `order_cancelled`
    Cancelled,
    /// `order_completed`
    Completed,
    /// `order_refund_requested`
    RefundRequested,
    /// `order_refunded`
    Refunded,
}

impl EventName {
    /// All event names.
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Reserved,
        Self::Rejected,
        Self::Paid,
        Self::PaymentFailed,
        Self::Cancelled,
        Self::Completed,
        Self::RefundRequested,
        Self::Refunded,
    ];

    /// The name as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "order_created",
            Self::Reserved => "order_reserved",
            Self::Rejected => "order_rejected",
            Self::Paid => "order_paid",
            Self::PaymentFailed => "order_payment_failed",
            Self::Cancelled => "order_cancelled",
            Self::Completed => "order_completed",
            Self::RefundRequested => "order_refund_requested",
            Self::Refunded => "order_refunded",
        }
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why this build cannot read a body.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The body is not JSON, or does not have the form of an event.
    #[error("not a valid event: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A later release wrote the body.
    #[error("the body has schema {schema}, and this build reads schemas up to {known}")]
    LaterSchema {
        /// The schema of the body.
        schema: u32,
        /// The latest schema of this build.
        known: u32,
    },
    /// The body has a schema that no release has written.
    #[error("the body has schema 0, which no release has written")]
    InvalidSchema,
}

/// Reads a body with a field `schema`. `known` is the latest schema of this build.
pub fn decode<E: DeserializeOwned>(body: &[u8], known: u32) -> Result<E, DecodeError> {
    #[derive(Deserialize)]
    struct Form {
        schema: u32,
    }

    // The schema is read first, because a body of a later schema may not fit the current type.
    match serde_json::from_slice::<Form>(body)?.schema {
        0 => Err(DecodeError::InvalidSchema),
        schema if schema > known => Err(DecodeError::LaterSchema { schema, known }),
        _ => Ok(serde_json::from_slice(body)?),
    }
}

impl OrderEvent {
    /// Reads a message's body.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        decode(body, SCHEMA)
    }
}

impl Event for OrderEvent {
    fn id(&self) -> EventId {
        self.id
    }

    fn subject(&self) -> Uuid {
        self.order_id.uuid()
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn name(&self) -> &'static str {
        self.change.name().as_str()
    }

    fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

impl Incoming for OrderEvent {
    fn read(_name: &str, body: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(body)
    }

    fn order_id(&self) -> Option<OrderId> {
        Some(self.order_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adjustment::Adjustment;
    use crate::asyncapi;

    fn event(change: Change, status: OrderStatus) -> OrderEvent {
        OrderEvent {
            id: "01900000-0000-7000-8000-000000000001".parse().unwrap(),
            schema: SCHEMA,
            order_id: "01900000-0000-7000-8000-000000000002".parse().unwrap(),
            user_id: "01900000-0000-7000-8000-000000000003".parse().unwrap(),
            version: 2,
            status,
            at: "2026-01-02T03:04:05.678Z".parse().unwrap(),
            change,
        }
    }

    const HEAD: &str = r#"{"id":"01900000-0000-7000-8000-000000000001","schema":1,"order_id":"01900000-0000-7000-8000-000000000002","user_id":"01900000-0000-7000-8000-000000000003","version":2,"#;

    #[test]
    fn events_as_json() {
        let eur = |amount_minor| Money { amount_minor, currency: "EUR".parse().unwrap() };
        let product_id = "01900000-0000-7000-8000-000000000004".parse().unwrap();
        let golden = [
            (
                event(
                    Change::Created {
                        items: vec![Item { product_id, quantity: 1 }],
                        codes: vec!["TEA-WEEK".into()],
                        expected_total: Some(eur(450)),
                    },
                    OrderStatus::New,
                ),
                r#""status":"new","at":"2026-01-02T03:04:05.678Z","type":"order_created","data":{"items":[{"product_id":"01900000-0000-7000-8000-000000000004","quantity":1}],"codes":["TEA-WEEK"],"expected_total":{"amount_minor":450,"currency":"EUR"}}}"#,
            ),
            (
                event(
                    Change::Created {
                        items: vec![Item { product_id, quantity: 2 }],
                        codes: Vec::new(),
                        expected_total: None,
                    },
                    OrderStatus::New,
                ),
                r#""status":"new","at":"2026-01-02T03:04:05.678Z","type":"order_created","data":{"items":[{"product_id":"01900000-0000-7000-8000-000000000004","quantity":2}]}}"#,
            ),
            (
                event(
                    Change::Reserved {
                        lines: vec![Line {
                            adjustments: vec![Adjustment {
                                promotion_id: "01900000-0000-7000-8000-000000000005".parse().unwrap(),
                                name: "Tea week".into(),
                                amount: eur(90),
                            }],
                            total: eur(810),
                            ..Line::at_list_price(product_id, "Tea".into(), "Teas".into(), 2, eur(450))
                        }],
                        total: eur(810),
                        payment_method: "pm_card_visa".into(),
                        attempt: 1,
                    },
                    OrderStatus::Reserved,
                ),
                r#""status":"reserved","at":"2026-01-02T03:04:05.678Z","type":"order_reserved","data":{"lines":[{"product_id":"01900000-0000-7000-8000-000000000004","name":"Tea","category":"Teas","quantity":2,"unit_price":{"amount_minor":450,"currency":"EUR"},"adjustments":[{"promotion_id":"01900000-0000-7000-8000-000000000005","name":"Tea week","amount":{"amount_minor":90,"currency":"EUR"}}],"total":{"amount_minor":810,"currency":"EUR"}}],"total":{"amount_minor":810,"currency":"EUR"},"payment_method":"pm_card_visa","attempt":1}}"#,
            ),
            (
                event(
                    Change::Rejected { reason: RejectReason::OutOfStock, detail: "Tea: 1 left.".into() },
                    OrderStatus::Rejected,
                ),
                r#""status":"rejected","at":"2026-01-02T03:04:05.678Z","type":"order_rejected","data":{"reason":"out_of_stock","detail":"Tea: 1 left."}}"#,
            ),
            (
                event(Change::Paid { attempt: 1, payment_id: "pi_1".into() }, OrderStatus::Paid),
                r#""status":"paid","at":"2026-01-02T03:04:05.678Z","type":"order_paid","data":{"attempt":1,"payment_id":"pi_1"}}"#,
            ),
            (
                event(
                    Change::PaymentFailed { attempt: 1, reason: "card_declined".into() },
                    OrderStatus::PaymentFailed,
                ),
                r#""status":"payment_failed","at":"2026-01-02T03:04:05.678Z","type":"order_payment_failed","data":{"attempt":1,"reason":"card_declined"}}"#,
            ),
            (
                event(Change::Cancelled { by: CancelledBy::Expiry, reason: None }, OrderStatus::Cancelled),
                r#""status":"cancelled","at":"2026-01-02T03:04:05.678Z","type":"order_cancelled","data":{"by":"expiry"}}"#,
            ),
            (
                event(
                    Change::Cancelled {
                        by: CancelledBy::Expiry,
                        reason: Some("currency_not_supported".into()),
                    },
                    OrderStatus::Cancelled,
                ),
                r#""status":"cancelled","at":"2026-01-02T03:04:05.678Z","type":"order_cancelled","data":{"by":"expiry","reason":"currency_not_supported"}}"#,
            ),
            (
                event(Change::Completed {}, OrderStatus::Completed),
                r#""status":"completed","at":"2026-01-02T03:04:05.678Z","type":"order_completed","data":{}}"#,
            ),
            (
                event(Change::RefundRequested {}, OrderStatus::RefundRequested),
                r#""status":"refund_requested","at":"2026-01-02T03:04:05.678Z","type":"order_refund_requested","data":{}}"#,
            ),
            (
                event(Change::Refunded { refund_id: "re_1".into() }, OrderStatus::Refunded),
                r#""status":"refunded","at":"2026-01-02T03:04:05.678Z","type":"order_refunded","data":{"refund_id":"re_1"}}"#,
            ),
        ];
        for name in EventName::ALL {
            assert!(golden.iter().any(|(event, _)| event.change.name() == name), "{name} has no example");
        }
        for (event, tail) in golden {
            let json = format!("{HEAD}{tail}");
            assert_eq!(serde_json::to_string(&event).unwrap(), json);
            assert_eq!(OrderEvent::decode(json.as_bytes()).unwrap(), event);
            assert!(tail.contains(&format!(r#""type":"{}""#, event.change.name())));
            asyncapi::describes(&json);
        }
    }

    #[test]
    fn unknown_fields_are_ignored_and_missing_new_fields_get_a_default() {
        let json = format!(
            r#"{HEAD}"status":"cancelled","at":"2026-01-02T03:04:05.678Z","type":"order_cancelled","data":{{"mood":"x"}},"new":1}}"#
        );
        let change = OrderEvent::decode(json.as_bytes()).unwrap().change;
        assert_eq!(change, Change::Cancelled { by: CancelledBy::Customer, reason: None });
    }

    #[test]
    fn an_invalid_body_is_refused_with_a_reason() {
        let later = br#"{"schema":2,"anything":true}"#;
        assert_eq!(
            OrderEvent::decode(later).unwrap_err().to_string(),
            "the body has schema 2, and this build reads schemas up to 1"
        );
        let invalid = OrderEvent::decode(br#"{"schema":0,"anything":true}"#).unwrap_err();
        assert!(matches!(invalid, DecodeError::InvalidSchema));
        for bad in ["", "{", "[]", r#"{"schema":1}"#] {
            assert!(matches!(OrderEvent::decode(bad.as_bytes()), Err(DecodeError::Malformed(_))), "{bad}");
        }
    }
}

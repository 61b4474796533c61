//! The deliveries of completed orders: their statuses, their events, and the answers of delivery-service.

use crate::{
    events::{DecodeError, Event, Incoming, decode},
    ids::{EventId, OrderId, UserId},
    orders::Address,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;
use uuid::Uuid;

/// The schema of the body of a [`DeliveryEvent`].
pub const SCHEMA: u32 = 1;

/// The status of a delivery. It only moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// The order is complete. The carrier does not have the parcel yet.
    Created,
    /// The carrier has the parcel.
    Shipped,
    /// The parcel is on its way.
    InTransit,
    /// The parcel is in the vehicle that delivers it.
    OutForDelivery,
    /// The recipient has the parcel. Final.
    Delivered,
    /// The carrier has lost the parcel. Final.
    Lost,
    /// The carrier brings the parcel back to the shop. Final.
    Returned,
}

impl DeliveryStatus {
    /// All statuses. The last three end a delivery.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Shipped,
        Self::InTransit,
        Self::OutForDelivery,
        Self::Delivered,
        Self::Lost,
        Self::Returned,
    ];

    /// The name used in JSON, in the database and in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Shipped => "shipped",
            Self::InTransit => "in_transit",
            Self::OutForDelivery => "out_for_delivery",
            Self::Delivered => "delivered",
            Self::Lost => "lost",
            Self::Returned => "returned",
        }
    }

    /// Whether no further status follows.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Lost | Self::Returned)
    }

    /// The event that announces this status.
    #[must_use]
    pub const fn event(self) -> DeliveryEventName {
        match self {
            Self::Created => DeliveryEventName::Created,
            Self::Shipped => DeliveryEventName::Shipped,
            Self::InTransit | Self::OutForDelivery => DeliveryEventName::Updated,
            Self::Delivered => DeliveryEventName::Delivered,
            Self::Lost => DeliveryEventName::Failed,
            Self::Returned => DeliveryEventName::Returned,
        }
    }
}

impl fmt::Display for DeliveryStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for DeliveryStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        all.find(|status| status.as_str() == text).ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

/// The text is not the status of a delivery.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not the status of a delivery")]
pub struct UnknownStatus(String);

/// The name of an event: the message's `type` and its routing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeliveryEventName {
    /// `delivery_created`
    #[serde(rename = "delivery_created")]
    Created,
    /// `delivery_shipped`
    #[serde(rename = "delivery_shipped")]
    Shipped,
    /// `delivery_updated`
    #[serde(rename = "delivery_updated")]
    Updated,
    /// `delivery_delivered`
    #[serde(rename = "delivery_delivered")]
    Delivered,
    /// `delivery_failed`
    #[serde(rename = "delivery_failed")]
    Failed,
    /// `delivery_returned`
    #[serde(rename = "delivery_returned")]
    Returned,
}

impl DeliveryEventName {
    /// All event names.
    pub const ALL: [Self; 6] =
        [Self::Created, Self::Shipped, Self::Updated, Self::Delivered, Self::Failed, Self::Returned];

    /// The name as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "delivery_created",
            Self::Shipped => "delivery_shipped",
            Self::Updated => "delivery_updated",
            Self::Delivered => "delivery_delivered",
            Self::Failed => "delivery_failed",
            Self::Returned => "delivery_returned",
        }
    }
}

/// A change of a delivery. It is published with its name as the routing key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryEvent {
    /// The event's id, which is also the `message_id` of the message.
    pub id: EventId,
    /// The schema of this body, see [`SCHEMA`].
    pub schema: u32,
    /// The delivered order, which is also the `correlation_id` of the message.
    pub order_id: OrderId,
    /// The owner of the order.
    pub user_id: UserId,
    /// The delivery's version after this event: 1, 2, 3 … without a gap.
    pub version: u32,
    /// The delivery's status after this event.
    pub status: DeliveryStatus,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    #[serde(rename = "type")]
    pub name: DeliveryEventName,
}

impl Event for DeliveryEvent {
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
        self.name.as_str()
    }

    fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

impl Incoming for DeliveryEvent {
    fn read(_name: &str, body: &[u8]) -> Result<Self, DecodeError> {
        decode(body, SCHEMA)
    }

    fn order_id(&self) -> Option<OrderId> {
        Some(self.order_id)
    }
}

/// The delivery of an order, as its owner and staff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// The order.
    pub order_id: OrderId,
    /// The owner of the order.
    pub user_id: UserId,
    /// Its status.
    pub status: DeliveryStatus,
    /// Counts the changes of the status, from 1.
    pub version: u32,
    /// The address. Without one, the parcel waits until the owner enters it.
    pub address: Option<Address>,
    /// Whether the owner can still change the address.
    pub address_is_open: bool,
    /// The carrier's number of the parcel, once the carrier has it.
    #[schema(example = "PCL-01900000")]
    pub parcel: Option<String>,
    /// Why the carrier does not take the parcel, in its own words.
    #[schema(example = "The postal code does not exist.")]
    pub refusal: Option<String>,
    /// The first day of the promised window.
    pub promised_from: NaiveDate,
    /// The last day of the promised window.
    pub promised_to: NaiveDate,
    /// Whether the promised window is over and the parcel has not arrived.
    pub is_late: bool,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When the carrier got the parcel.
    pub shipped_at: Option<DateTime<Utc>>,
    /// When the recipient got the parcel.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When its status last changed.
    pub updated_at: DateTime<Utc>,
    /// The reports of the carrier, oldest first.
    pub reports: Vec<CarrierReport>,
}

/// A report of the carrier about a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CarrierReport {
    /// The carrier's name of the status. It may be one that this release does not know.
    #[schema(example = "in_transit")]
    pub status: String,
    /// The carrier's time of the event.
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asyncapi;

    #[test]
    fn events_as_json() {
        for (status, tail) in [
            (
                DeliveryStatus::Created,
                r#""created","at":"2026-01-02T03:04:05.678Z","type":"delivery_created"}"#,
            ),
            (
                DeliveryStatus::Shipped,
                r#""shipped","at":"2026-01-02T03:04:05.678Z","type":"delivery_shipped"}"#,
            ),
            (
                DeliveryStatus::InTransit,
                r#""in_transit","at":"2026-01-02T03:04:05.678Z","type":"delivery_updated"}"#,
            ),
            (
                DeliveryStatus::OutForDelivery,
                r#""out_for_delivery","at":"2026-01-02T03:04:05.678Z","type":"delivery_updated"}"#,
            ),
            (
                DeliveryStatus::Delivered,
                r#""delivered","at":"2026-01-02T03:04:05.678Z","type":"delivery_delivered"}"#,
            ),
            (DeliveryStatus::Lost, r#""lost","at":"2026-01-02T03:04:05.678Z","type":"delivery_failed"}"#),
            (
                DeliveryStatus::Returned,
                r#""returned","at":"2026-01-02T03:04:05.678Z","type":"delivery_returned"}"#,
            ),
        ] {
            let event = DeliveryEvent {
                id: "01900000-0000-7000-8000-000000000001".parse().unwrap(),
                schema: SCHEMA,
                order_id: "01900000-0000-7000-8000-000000000002".parse().unwrap(),
                user_id: "01900000-0000-7000-8000-000000000003".parse().unwrap(),
                version: 2,
                status,
                at: "2026-01-02T03:04:05.678Z".parse().unwrap(),
                name: status.event(),
            };
            let json = format!(
                r#"{{"id":"01900000-0000-7000-8000-000000000001","schema":1,"order_id":"01900000-0000-7000-8000-000000000002","user_id":"01900000-0000-7000-8000-000000000003","version":2,"status":{tail}"#
            );
            assert_eq!(serde_json::to_string(&event).unwrap(), json);
            assert_eq!(DeliveryEvent::read(event.name.as_str(), json.as_bytes()).unwrap(), event);
            assert!(json.contains(&format!(r#""type":"{}""#, event.name.as_str())));
            asyncapi::describes(&json);
        }
    }

    #[test]
    fn a_status_has_one_name() {
        for status in DeliveryStatus::ALL {
            assert_eq!(status.as_str().parse::<DeliveryStatus>().unwrap(), status);
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert!("stolen".parse::<DeliveryStatus>().is_err());
    }
}

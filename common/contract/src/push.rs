//! The frames of the WebSocket, subprotocol [`SUBPROTOCOL`]. All are text frames with JSON.
//!
//! Used by order-service and `orderctl`.

use crate::{deliveries::DeliveryStatus, ids::OrderId, orders::OrderStatus};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The name and version of this protocol, for `Sec-WebSocket-Protocol`.
pub const SUBPROTOCOL: &str = "orderflow.v1";

/// Close codes. Those from 4000 belong to this protocol. The others are from RFC 6455, section 7.4.1.
pub mod close {
    /// The replica shuts down; connect again and resume.
    pub const GOING_AWAY: u16 = 1001;
    /// A frame violates RFC 6455.
    pub const PROTOCOL_ERROR: u16 = 1002;
    /// A text frame is not UTF-8.
    pub const NOT_UTF8: u16 = 1007;
    /// A fault of the service.
    pub const INTERNAL: u16 = 1011;
    /// The service cannot read orders now; connect again and resume.
    pub const TRY_AGAIN_LATER: u16 = 1013;
    /// A frame is unknown or too large.
    pub const BAD_FRAME: u16 = 4400;
    /// The token is missing or not valid.
    pub const UNAUTHENTICATED: u16 = 4401;
    /// The client reads too slowly; connect again and resume.
    pub const TOO_SLOW: u16 = 4408;
}

/// A frame from the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientFrame {
    /// The first frame, within 5 s. Also sent again before the token expires.
    Authenticate {
        /// An access token.
        token: String,
    },
    /// Subscribes to all orders of the user, or to one of them.
    Subscribe {
        /// The order. If missing, all orders.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order_id: Option<OrderId>,
        /// The client's last version of that order. Later versions are sent first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<u32>,
    },
    /// For staff: asks for a frame when any order of the shop has changed.
    WatchOrders {},
}

/// A frame from the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The token was accepted.
    Authenticated {
        /// When the token expires. Authenticate again before that.
        expires_at: DateTime<Utc>,
    },
    /// The subscription is active. Statuses follow.
    Subscribed {
        /// The order, or none for all orders.
        order_id: Option<OrderId>,
    },
    /// The order does not exist or belongs to another user, or only staff may watch all orders. Earlier
    /// subscriptions stay active.
    Refused {
        /// The requested order, or none for all orders.
        order_id: Option<OrderId>,
        /// The reason, in one sentence.
        detail: String,
    },
    /// An order has this status.
    Status(StatusFrame),
    /// Orders of the shop have changed: read them again. Sent immediately after `watch_orders`, then at most
    /// once a second.
    OrdersChanged {},
    /// The delivery of an order has this status.
    Delivery(DeliveryFrame),
    /// Changes of deliveries may have been missed: read the shown deliveries again.
    DeliveriesChanged {},
}

/// A status of a delivery, as pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryFrame {
    /// The order.
    pub order_id: OrderId,
    /// The status of its delivery.
    pub status: DeliveryStatus,
    /// The version of the delivery. Versions rise, and some may be missing.
    pub version: u32,
    /// When the delivery got this status.
    pub at: DateTime<Utc>,
}

/// A status of an order, as pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusFrame {
    /// The order.
    pub order_id: OrderId,
    /// Its status.
    pub status: OrderStatus,
    /// Its version. After a snapshot, versions increase by one.
    pub version: u32,
    /// When the order got this status.
    pub at: DateTime<Utc>,
    /// The reason, for `rejected` and `payment_failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// One sentence for the customer, for `rejected`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Whether this is the status at the time of the subscription. Earlier versions were not sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub snapshot: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asyncapi;

    #[test]
    fn frames_as_json() {
        let order_id: OrderId = "01900000-0000-7000-8000-000000000002".parse().unwrap();
        let client = [
            (ClientFrame::Authenticate { token: "x".into() }, r#"{"type":"authenticate","token":"x"}"#),
            (ClientFrame::Subscribe { order_id: None, after: None }, r#"{"type":"subscribe"}"#),
            (
                ClientFrame::Subscribe { order_id: Some(order_id), after: Some(3) },
                r#"{"type":"subscribe","order_id":"01900000-0000-7000-8000-000000000002","after":3}"#,
            ),
            (ClientFrame::WatchOrders {}, r#"{"type":"watch_orders"}"#),
        ];
        for (frame, json) in client {
            assert_eq!(serde_json::to_string(&frame).unwrap(), json);
            assert_eq!(serde_json::from_str::<ClientFrame>(json).unwrap(), frame);
            asyncapi::describes(json);
        }
        let status = StatusFrame {
            order_id,
            status: OrderStatus::Paid,
            version: 3,
            at: "2026-01-02T03:04:05Z".parse().unwrap(),
            reason: None,
            detail: None,
            snapshot: false,
        };
        let rejected = StatusFrame {
            status: OrderStatus::Rejected,
            version: 2,
            reason: Some("out_of_stock".into()),
            detail: Some("Tea: 1 left, 2 ordered.".into()),
            ..status.clone()
        };
        let failed = StatusFrame {
            status: OrderStatus::PaymentFailed,
            reason: Some("card_declined".into()),
            snapshot: true,
            ..status.clone()
        };
        let server = [
            (
                ServerFrame::Authenticated { expires_at: status.at },
                r#"{"type":"authenticated","expires_at":"2026-01-02T03:04:05Z"}"#,
            ),
            (ServerFrame::Subscribed { order_id: None }, r#"{"type":"subscribed","order_id":null}"#),
            (
                ServerFrame::Subscribed { order_id: Some(order_id) },
                r#"{"type":"subscribed","order_id":"01900000-0000-7000-8000-000000000002"}"#,
            ),
            (
                ServerFrame::Refused { order_id: Some(order_id), detail: "There is no such order.".into() },
                r#"{"type":"refused","order_id":"01900000-0000-7000-8000-000000000002","detail":"There is no such order."}"#,
            ),
            (
                ServerFrame::Refused { order_id: None, detail: "Only staff can watch all orders.".into() },
                r#"{"type":"refused","order_id":null,"detail":"Only staff can watch all orders."}"#,
            ),
            (ServerFrame::OrdersChanged {}, r#"{"type":"orders_changed"}"#),
            (ServerFrame::DeliveriesChanged {}, r#"{"type":"deliveries_changed"}"#),
            (
                ServerFrame::Delivery(DeliveryFrame {
                    order_id,
                    status: DeliveryStatus::InTransit,
                    version: 3,
                    at: status.at,
                }),
                r#"{"type":"delivery","order_id":"01900000-0000-7000-8000-000000000002","status":"in_transit","version":3,"at":"2026-01-02T03:04:05Z"}"#,
            ),
            (
                ServerFrame::Status(status),
                r#"{"type":"status","order_id":"01900000-0000-7000-8000-000000000002","status":"paid","version":3,"at":"2026-01-02T03:04:05Z"}"#,
            ),
            (
                ServerFrame::Status(rejected),
                r#"{"type":"status","order_id":"01900000-0000-7000-8000-000000000002","status":"rejected","version":2,"at":"2026-01-02T03:04:05Z","reason":"out_of_stock","detail":"Tea: 1 left, 2 ordered."}"#,
            ),
            (
                ServerFrame::Status(failed),
                r#"{"type":"status","order_id":"01900000-0000-7000-8000-000000000002","status":"payment_failed","version":3,"at":"2026-01-02T03:04:05Z","reason":"card_declined","snapshot":true}"#,
            ),
        ];
        for (frame, json) in server {
            assert_eq!(serde_json::to_string(&frame).unwrap(), json);
            assert_eq!(serde_json::from_str::<ServerFrame>(json).unwrap(), frame);
            asyncapi::describes(json);
        }
    }
}

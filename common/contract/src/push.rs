//! The frames of the WebSocket, subprotocol [`SUBPROTOCOL`]. Text frames of JSON.
//!
//! Spoken by order-service and `orderctl`.

use crate::{ids::OrderId, orders::OrderStatus};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Name and version of this protocol, for `Sec-WebSocket-Protocol`.
pub const SUBPROTOCOL: &str = "orderflow.v1";

/// Close codes: those from 4000 are of this protocol, the others are from RFC 6455, section 7.4.1.
pub mod close {
    /// The replica is going away; connect again and resume.
    pub const GOING_AWAY: u16 = 1001;
    /// A frame against RFC 6455.
    pub const PROTOCOL_ERROR: u16 = 1002;
    /// A text frame that is not UTF-8.
    pub const NOT_UTF8: u16 = 1007;
    /// A fault of the service.
    pub const INTERNAL: u16 = 1011;
    /// The service cannot read orders now; connect again and resume.
    pub const TRY_AGAIN_LATER: u16 = 1013;
    /// A frame that the protocol does not have, or one that is too large.
    pub const BAD_FRAME: u16 = 4400;
    /// No token, or one that is not or no longer good.
    pub const UNAUTHENTICATED: u16 = 4401;
    /// The client read too slowly; it should connect again and resume.
    pub const TOO_SLOW: u16 = 4408;
}

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientFrame {
    /// First frame, within 5 s; and again before the token ends.
    Authenticate {
        /// An access token.
        token: String,
    },
    /// Follow all of one's orders, or one of them.
    Subscribe {
        /// The order; all of them where this is missing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order_id: Option<OrderId>,
        /// The last version that the client has seen of that order: what came since is sent first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<u32>,
    },
    /// For staff: be told when any order of the shop has changed.
    WatchOrders {},
}

/// What the server sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The token was good.
    Authenticated {
        /// When it ends; authenticate again before.
        expires_at: DateTime<Utc>,
    },
    /// The subscription stands; statuses follow.
    Subscribed {
        /// The order, or none for all.
        order_id: Option<OrderId>,
    },
    /// There is no such order, it is another user's, or only staff may watch all orders. What was subscribed before stays
    /// so.
    Refused {
        /// The order that was asked for, or none for all.
        order_id: Option<OrderId>,
        /// Why, in one sentence.
        detail: String,
    },
    /// An order has this status.
    Status(StatusFrame),
    /// Orders of the shop have changed: read them again. At once on watching, then at most once a second.
    OrdersChanged {},
}

/// A status of an order, as pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusFrame {
    /// The order.
    pub order_id: OrderId,
    /// Its status.
    pub status: OrderStatus,
    /// Its version: after a snapshot they rise by one.
    pub version: u32,
    /// When it got there.
    pub at: DateTime<Utc>,
    /// Why, for `rejected` and `payment_failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// One sentence for the customer, for `rejected`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Whether this tells where the order stood at the time of subscribing; versions before it
    /// were not sent.
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

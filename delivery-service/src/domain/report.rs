//! The carrier's reports about parcels, as its webhooks and answers have them.

use chrono::{DateTime, Utc};
use contract::{deliveries::DeliveryStatus, ids::OrderId};
use serde::Deserialize;

/// The longest id and status that are stored.
const MAX_TEXT: usize = 100;

/// One event of a parcel. Unknown members are ignored, because the carrier may add some.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Report {
    /// The carrier's id of the event. A repeated event has the same id.
    pub(crate) id: String,
    /// The carrier's name of the status.
    pub(crate) status: String,
    /// When it happened.
    pub(crate) at: DateTime<Utc>,
}

/// The body of a webhook.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct WebhookBody {
    /// The carrier's number of the parcel.
    pub(crate) parcel: String,
    /// The order, which the carrier got with the parcel.
    pub(crate) reference: OrderId,
    /// The event.
    pub(crate) event: Report,
}

/// A parcel, as the carrier's answers describe it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Parcel {
    /// The carrier's number of the parcel.
    pub(crate) id: String,
    /// All events so far.
    pub(crate) events: Vec<Report>,
}

impl Report {
    /// Whether the texts are short enough to be stored.
    pub(crate) fn is_short(&self) -> bool {
        self.id.len() <= MAX_TEXT && self.status.len() <= MAX_TEXT
    }

    /// The status that the report means, or `None` if this release does not know it. Such a report is stored
    /// and changes nothing.
    pub(crate) fn meaning(&self) -> Option<DeliveryStatus> {
        Some(match self.status.as_str() {
            "accepted" => DeliveryStatus::Shipped,
            "in_transit" => DeliveryStatus::InTransit,
            "out_for_delivery" => DeliveryStatus::OutForDelivery,
            "delivered" => DeliveryStatus::Delivered,
            "lost" => DeliveryStatus::Lost,
            "returned" => DeliveryStatus::Returned,
            _ => return None,
        })
    }
}

//! A parcel and its way to the recipient.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The address of a recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Address {
    /// The name of the recipient.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Town.
    pub city: String,
    /// Postal code.
    pub postal_code: String,
    /// The two-letter code of the country.
    #[schema(example = "GB")]
    pub country: String,
}

/// The end of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    /// The recipient gets it.
    Delivered,
    /// It is lost on its way.
    Lost,
    /// The recipient is not found, and it comes back.
    Returned,
}

/// The status of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// The carrier has the parcel.
    Accepted,
    /// It is on its way.
    InTransit,
    /// It is in the vehicle that delivers it.
    OutForDelivery,
    /// The recipient has it. Final.
    Delivered,
    /// It is lost. Final.
    Lost,
    /// It comes back. Final.
    Returned,
}

/// An event of a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Event {
    /// The id of the event. A repeated webhook has the same id.
    #[schema(example = "PCL-0190000000007000-in_transit")]
    pub id: String,
    /// The status after it.
    pub status: Status,
    /// When it happened.
    pub at: DateTime<Utc>,
}

/// A parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parcel {
    /// The number of the parcel.
    pub id: String,
    /// The sender's own name for it.
    pub reference: String,
    /// The address of the recipient.
    pub address: Address,
    /// How it ends.
    pub end: End,
    /// The events so far, oldest first.
    pub events: Vec<Event>,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::InTransit => "in_transit",
            Self::OutForDelivery => "out_for_delivery",
            Self::Delivered => "delivered",
            Self::Lost => "lost",
            Self::Returned => "returned",
        }
    }

    /// The next status of a parcel with this end, or `None` at its end.
    const fn next(self, end: End) -> Option<Self> {
        Some(match (self, end) {
            (Self::Accepted, _) => Self::InTransit,
            (Self::InTransit, End::Lost) => Self::Lost,
            (Self::InTransit, _) => Self::OutForDelivery,
            (Self::OutForDelivery, End::Returned) => Self::Returned,
            (Self::OutForDelivery, _) => Self::Delivered,
            (Self::Delivered | Self::Lost | Self::Returned, _) => return None,
        })
    }
}

impl Parcel {
    /// A parcel that the carrier takes now.
    pub(crate) fn taken(
        id: String,
        reference: String,
        address: Address,
        end: End,
        now: DateTime<Utc>,
    ) -> Self {
        let mut parcel = Self { id, reference, address, end, events: Vec::new() };
        parcel.events.push(parcel.event(Status::Accepted, now));
        parcel
    }

    /// The current status.
    pub(crate) fn status(&self) -> Status {
        self.events.last().map_or(Status::Accepted, |event| event.status)
    }

    /// The next event, with the time at which it happens. `None` at the end.
    pub(crate) fn next_event(&self, step: TimeDelta) -> Option<Event> {
        let last = self.events.last()?;
        Some(self.event(last.status.next(self.end)?, last.at + step))
    }

    /// Whether the address can still change.
    pub(crate) fn address_is_open(&self) -> bool {
        matches!(self.status(), Status::Accepted | Status::InTransit)
    }

    /// The id is made from the parcel and the status. So an event has the same id after a restart.
    fn event(&self, status: Status, at: DateTime<Utc>) -> Event {
        Event { id: format!("{}-{}", self.id, status.as_str()), status, at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parcel_takes_a_step_at_a_time_to_its_end() {
        use Status::{Accepted, Delivered, InTransit, Lost, OutForDelivery, Returned};
        let address = Address {
            name: "Ada".into(),
            street: "1 Side Street".into(),
            city: "London".into(),
            postal_code: "SW1Y".into(),
            country: "GB".into(),
        };
        for (end, expected) in [
            (End::Delivered, vec![Accepted, InTransit, OutForDelivery, Delivered]),
            (End::Lost, vec![Accepted, InTransit, Lost]),
            (End::Returned, vec![Accepted, InTransit, OutForDelivery, Returned]),
        ] {
            let now = DateTime::UNIX_EPOCH;
            let mut parcel = Parcel::taken("P1".into(), "7".into(), address.clone(), end, now);
            while let Some(event) = parcel.next_event(TimeDelta::seconds(4)) {
                assert_eq!(
                    event.at,
                    now + TimeDelta::seconds(4 * i64::try_from(parcel.events.len()).unwrap())
                );
                parcel.events.push(event);
            }
            assert_eq!(parcel.events.iter().map(|event| event.status).collect::<Vec<_>>(), expected);
            assert_eq!(parcel.events[1].id, "P1-in_transit");
            assert!(!parcel.address_is_open());
        }
    }
}

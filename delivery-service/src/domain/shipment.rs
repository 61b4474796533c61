//! The status of a shipment, which only moves forward.
//!
//! The carrier repeats its reports and changes their order. So a report moves a shipment only to a later
//! status. The three ends are equally late: the first one that is reported is kept.

use super::report::Report;
use chrono::{DateTime, Utc};
use contract::{
    deliveries::{DeliveryEvent, DeliveryStatus, SCHEMA},
    ids::{EventId, OrderId, UserId},
};

/// The part of a shipment that reports change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shipment {
    pub(crate) order_id: OrderId,
    pub(crate) user_id: UserId,
    pub(crate) status: DeliveryStatus,
    pub(crate) version: u32,
    pub(crate) shipped_at: Option<DateTime<Utc>>,
    pub(crate) delivered_at: Option<DateTime<Utc>>,
}

impl Shipment {
    /// The shipment of an order that is complete.
    pub(crate) fn new(order_id: OrderId, user_id: UserId) -> Self {
        let status = DeliveryStatus::Created;
        Self { order_id, user_id, status, version: 1, shipped_at: None, delivered_at: None }
    }

    /// Applies a report. Returns the event that announces the new status, or `None` if the status is the
    /// same.
    pub(crate) fn apply(&mut self, report: &Report, now: DateTime<Utc>) -> Option<DeliveryEvent> {
        let reported = report.meaning()?;
        if reported == DeliveryStatus::Shipped {
            // The report may come after later ones. It knows best when the carrier got the parcel.
            self.shipped_at = Some(report.at);
        }
        if rank(reported) <= rank(self.status) {
            return None;
        }
        self.status = reported;
        self.version = self.version.saturating_add(1);
        self.shipped_at.get_or_insert(report.at);
        if reported == DeliveryStatus::Delivered {
            self.delivered_at = Some(report.at);
        }
        Some(self.announcement(now))
    }

    /// The event that announces the current status.
    pub(crate) fn announcement(&self, now: DateTime<Utc>) -> DeliveryEvent {
        DeliveryEvent {
            id: EventId::new(),
            schema: SCHEMA,
            order_id: self.order_id,
            user_id: self.user_id,
            version: self.version,
            status: self.status,
            at: now,
            name: self.status.event(),
        }
    }
}

/// The position of a status on the way of a parcel.
const fn rank(status: DeliveryStatus) -> u8 {
    match status {
        DeliveryStatus::Created => 0,
        DeliveryStatus::Shipped => 1,
        DeliveryStatus::InTransit => 2,
        DeliveryStatus::OutForDelivery => 3,
        DeliveryStatus::Delivered | DeliveryStatus::Lost | DeliveryStatus::Returned => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*, sample::select};

    const STATUSES: [&str; 7] =
        ["accepted", "in_transit", "out_for_delivery", "delivered", "lost", "returned", "at_customs"];

    fn report(status: &str, second: i64) -> Report {
        let at = DateTime::from_timestamp(1_767_323_045 + second, 0).unwrap();
        Report { id: format!("{status}-{second}"), status: status.to_owned(), at }
    }

    /// Applies the reports to a new shipment, and returns it with the statuses that were announced.
    fn after<'a>(reports: impl IntoIterator<Item = &'a Report>) -> (Shipment, Vec<DeliveryEvent>) {
        let mut shipment = Shipment::new(OrderId::new(), UserId::new());
        let now = Utc::now();
        let announced = reports.into_iter().filter_map(|report| shipment.apply(report, now)).collect();
        (shipment, announced)
    }

    proptest! {
        #[test]
        fn the_status_never_moves_back_in_any_order_and_with_duplicates(
            reports in vec((select(&STATUSES[..]), 0_i64..100), 0..20)
        ) {
            let reports: Vec<_> = reports.into_iter().map(|(status, second)| report(status, second)).collect();
            let (shipment, announced) = after(&reports);
            // The model: the furthest status so far, and the first end.
            let mut model = DeliveryStatus::Created;
            let mut expected = Vec::new();
            for meaning in reports.iter().filter_map(Report::meaning) {
                if !model.is_final() && (meaning.is_final() || rank(meaning) > rank(model)) {
                    model = meaning;
                    expected.push(meaning);
                }
            }
            prop_assert_eq!(announced.iter().map(|event| event.status).collect::<Vec<_>>(), expected);
            prop_assert!(announced.is_sorted_by(|one, next| rank(one.status) < rank(next.status)));
            prop_assert_eq!(shipment.status, model);
            let versions: Vec<_> = announced.iter().map(|event| event.version).collect();
            prop_assert_eq!(versions, (2..=shipment.version).collect::<Vec<_>>());
            prop_assert_eq!(shipment.shipped_at.is_some(), model != DeliveryStatus::Created);
            prop_assert_eq!(shipment.delivered_at.is_some(), model == DeliveryStatus::Delivered);
        }

        #[test]
        fn the_order_of_the_reports_does_not_change_the_end(
            order in Just(["accepted", "in_transit", "out_for_delivery", "delivered"]).prop_shuffle(),
            repeated in select(&STATUSES[..4]),
            place in 0_usize..5,
        ) {
            let at = |status| report(status, if status == "accepted" { 1 } else { 9 });
            let mut reports: Vec<_> = order.into_iter().map(at).collect();
            reports.insert(place, at(repeated));
            let (shipment, announced) = after(&reports);
            prop_assert_eq!(shipment.status, DeliveryStatus::Delivered);
            prop_assert!(announced.is_sorted_by_key(|event| rank(event.status)));
            prop_assert_eq!(shipment.shipped_at, Some(report("accepted", 1).at));
            prop_assert_eq!(shipment.delivered_at, Some(report("delivered", 9).at));
        }
    }

    #[test]
    fn the_first_end_is_kept() {
        for [first, second] in [["lost", "delivered"], ["delivered", "returned"], ["returned", "lost"]] {
            let (shipment, announced) = after(&[report(first, 1), report(second, 2)]);
            assert_eq!((shipment.status.as_str(), announced.len()), (first, 1));
        }
    }

    #[test]
    fn an_unknown_status_changes_nothing() {
        let (shipment, announced) = after(&[report("at_customs", 1)]);
        assert_eq!((shipment.status, shipment.version), (DeliveryStatus::Created, 1));
        assert!(announced.is_empty());
    }
}

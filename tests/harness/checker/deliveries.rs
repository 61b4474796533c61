//! I: each completed order has exactly one shipment, and its status never moved back.

use super::{
    evidence::{Evidence, Order, rows, version},
    invariants::Found,
    verdict::Invariant::{D, I},
};
use crate::shop::Shop;
use contract::{deliveries::DeliveryStatus, ids::OrderId, orders::OrderStatus};
use sqlx::{Row as _, postgres::PgRow};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A shipment with the statuses that its events announce.
pub(super) struct Shipment {
    pub(super) status: DeliveryStatus,
    pub(super) version: u32,
    pub(super) has_parcel: bool,
    /// In the sequence of their versions.
    pub(super) announced: Vec<Announced>,
}

pub(super) struct Announced {
    pub(super) version: u32,
    pub(super) status: DeliveryStatus,
    pub(super) published: bool,
}

/// Reads the shipments with their events.
pub(super) async fn shipments(shop: &Shop) -> BTreeMap<OrderId, Shipment> {
    let query = "SELECT order_id, status, version, parcel IS NOT NULL AS has_parcel FROM shipments";
    let shipment = |row: PgRow| {
        let shipment = Shipment {
            status: row.get::<String, _>("status").parse().expect("a status"),
            version: version(&row),
            has_parcel: row.get("has_parcel"),
            announced: Vec::new(),
        };
        (row.get::<Uuid, _>("order_id").into(), shipment)
    };
    let mut shipments: BTreeMap<OrderId, _> =
        rows(shop, "delivery-service", query).await.into_iter().map(shipment).collect();
    let query = "SELECT order_id, version, body->>'status' AS status, outbox.order_id IS NULL AS published \
                 FROM delivery_events LEFT JOIN outbox USING (order_id, version) ORDER BY order_id, version";
    for row in rows(shop, "delivery-service", query).await {
        let announced = Announced {
            version: version(&row),
            status: row.get::<String, _>("status").parse().expect("a status"),
            published: row.get("published"),
        };
        if let Some(shipment) = shipments.get_mut(&row.get::<Uuid, _>("order_id").into()) {
            shipment.announced.push(announced);
        }
    }
    shipments
}

impl Found {
    /// Checks the shipments and their events, and the parcels that the carrier has.
    pub(super) fn deliveries(&mut self, evidence: &Evidence) {
        for (id, order) in &evidence.orders {
            self.shipment(*id, order, evidence.shipments.get(id));
        }
        for (id, shipment) in &evidence.shipments {
            if !evidence.orders.contains_key(id) {
                self.add(I, Some(*id), "has a shipment and does not exist");
            }
            self.announcements(*id, shipment);
            let parcels = evidence.parcels.iter().filter(|order| *order == id).count();
            if parcels > 1 {
                self.add(I, Some(*id), format!("the carrier has {parcels} parcels"));
            } else if shipment.has_parcel && parcels == 0 {
                self.add(I, Some(*id), "the carrier does not have its parcel");
            }
        }
        for id in evidence.parcels.iter().filter(|id| !evidence.shipments.contains_key(id)) {
            self.add(I, Some(*id), "the carrier has a parcel without a shipment");
        }
    }

    fn shipment(&mut self, id: OrderId, order: &Order, shipment: Option<&Shipment>) {
        let is_completed = order.events.iter().any(|event| event.status == OrderStatus::Completed);
        match (is_completed, shipment) {
            (true, None) => self.add(I, Some(id), "is completed and has no shipment"),
            (false, Some(_)) => self.add(I, Some(id), format!("is `{}` and has a shipment", order.status)),
            _ => {}
        }
    }

    /// The events of a shipment have all versions, each status is later than the one before, and all are
    /// published.
    fn announcements(&mut self, id: OrderId, shipment: &Shipment) {
        let announced = &shipment.announced;
        if !announced.iter().map(|event| event.version).eq(1..=shipment.version) {
            let versions: Vec<_> = announced.iter().map(|event| event.version).collect();
            self.add(
                I,
                Some(id),
                format!("its shipment has version {}, but events {versions:?}", shipment.version),
            );
        }
        let statuses: Vec<_> = announced.iter().map(|event| event.status).collect();
        if !statuses.is_sorted_by(|one, next| position(*one) < position(*next)) {
            self.add(I, Some(id), format!("its delivery moved back: {statuses:?}"));
        }
        if statuses.last().is_some_and(|last| *last != shipment.status) {
            self.add(I, Some(id), format!("its delivery is `{}` after {statuses:?}", shipment.status));
        }
        for event in announced.iter().filter(|event| !event.published) {
            self.add(
                D,
                Some(id),
                format!("event {} of its delivery (`{}`) is not published", event.version, event.status),
            );
        }
    }
}

/// The position of a status on the way of a parcel. The three ends exclude each other.
fn position(status: DeliveryStatus) -> usize {
    let all = DeliveryStatus::ALL.iter().position(|other| *other == status).unwrap_or_default();
    all.min(4)
}

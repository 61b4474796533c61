//! Changes of shipments. Each change commits its event, and then hands the event to the relay.

use crate::{
    db::{
        creations::Creation,
        reports::{self, Recorded},
    },
    domain::{promise::Window, report::Report},
};
use chrono::Utc;
use contract::{addresses::ShippingOrder, deliveries::DeliveryEvent, ids::OrderId};
use messaging::relay::Handover;
use sqlx::PgPool;
use std::time::Duration;
use storage::group_commit::{CommitError, GroupCommit};
use tokio_util::task::TaskTracker;

/// The shipments. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Shipments {
    /// The connections to the database.
    pub(crate) pool: PgPool,
    creations: GroupCommit<Creation>,
    relay: Handover<DeliveryEvent>,
    poll_after: Duration,
    /// Tracks the changes. The relay ends after the last one.
    pub(crate) writers: TaskTracker,
}

impl Shipments {
    /// The shipments in this database. The sweep asks the carrier about a parcel if it reports nothing for
    /// `poll_after`.
    pub(crate) fn new(pool: PgPool, relay: Handover<DeliveryEvent>, poll_after: Duration) -> Self {
        let writers = TaskTracker::new();
        let announced = relay.clone();
        let creations = GroupCommit::reporting(&pool, writers.clone(), move |creation: &Creation, is_new| {
            if *is_new {
                announced.committed(creation.event.clone());
            }
        });
        Self { pool, creations, relay, poll_after, writers }
    }

    /// Creates the shipment of a completed order, unless it has one. Returns whether it is new.
    pub(crate) async fn create(&self, order: ShippingOrder) -> Result<bool, CommitError> {
        let creation = Creation::of(order, Window::after(Utc::now()));
        let (_, is_new) = self.creations.write(creation).await?;
        if is_new {
            metrics::counter!("shipments_created_total").increment(1);
        }
        Ok(is_new)
    }

    /// Records reports of the carrier, see [`reports::record`].
    pub(crate) async fn record(
        &self,
        order_id: OrderId,
        parcel: &str,
        reports: &[Report],
    ) -> Result<Recorded, sqlx::Error> {
        let recorded = reports::record(&self.pool, order_id, parcel, reports, self.poll_after).await?;
        if let Recorded::New(events) = &recorded {
            for event in events {
                let status = event.event.status;
                tracing::info!(%order_id, %status, "the delivery has moved");
                metrics::counter!("deliveries_moved_total", "status" => status.as_str()).increment(1);
                self.relay.committed(event.clone());
            }
        }
        Ok(recorded)
    }
}

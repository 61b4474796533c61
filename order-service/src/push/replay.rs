//! Sends a client the events that it has not seen, from the database.

use super::{
    connection::End,
    hub::Topic,
    progress::Step,
    socket::{SNAPSHOT, Session},
};
use crate::db;
use chrono::{Duration as ChronoDuration, Utc};
use contract::ids::OrderId;

/// The number of orders per query.
const PAGE: usize = 500;
/// The largest difference between the time stamp of a change and its commit. The writing replica may wait
/// long for the commit, and its clock may be slow.
const LATE_COMMIT: ChronoDuration = ChronoDuration::minutes(10);

impl Session<'_> {
    /// Sends the events of an order after this version.
    pub(super) async fn replay(&mut self, id: OrderId, after: u32) -> Result<(), End> {
        match db::events::after(&self.state.orders.db, id, after).await {
            Ok(events) => {
                self.progress.saw(id, after);
                for event in events {
                    self.status(&event).await?;
                }
                Ok(())
            }
            // Perhaps a later release wrote the event. The current state of the order can still be read.
            Err(error @ sqlx::Error::ColumnDecode { .. }) => {
                tracing::error!(order_id = %id, %error, "an order's history cannot be read");
                match db::orders::find(&self.state.orders.db, id).await? {
                    Some(order) if order.version > after => self.snapshot(&order).await,
                    _ => Ok(()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Sends all events that may have been missed while the feed was interrupted. It starts with the orders
    /// that this socket has sent before, and continues with the others.
    pub(super) async fn catch_up(&mut self) -> Result<(), End> {
        let since = Utc::now();
        self.replay_all(&self.progress.all()).await?;
        if self.membership.follows(Topic::User(self.person.id)) {
            let current = self.current_orders().await?;
            if current.len() < SNAPSHOT {
                for order in current {
                    self.replay_to(order.id, order.version).await?;
                }
            } else {
                self.catch_up_with_many().await?;
            }
            self.complete_since = since;
        }
        self.deliveries_changed().await
    }

    /// Catches up page by page with the changed orders of a customer whose current orders exceed a snapshot.
    async fn catch_up_with_many(&mut self) -> Result<(), End> {
        let since = self.complete_since - LATE_COMMIT;
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        let mut after = None;
        loop {
            let db = &self.state.orders.db;
            let page = db::orders::changed_of_user(db, self.person.id, since, after, limit).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(*last);
            for (id, version) in page {
                self.replay_to(id, version).await?;
            }
        }
    }

    async fn replay_to(&mut self, id: OrderId, version: u32) -> Result<(), End> {
        match self.progress.step(id, version) {
            Step::Seen => Ok(()),
            Step::Next | Step::Gap { .. } => self.replay(id, self.progress.seen(id)).await,
        }
    }

    /// Sends the events of these orders, each after its given version.
    async fn replay_all(&mut self, orders: &[(OrderId, u32)]) -> Result<(), End> {
        for page in orders.chunks(PAGE) {
            match db::events::after_each(&self.state.orders.db, page).await {
                Ok(events) => {
                    for event in events {
                        self.forward(&event).await?;
                    }
                }
                Err(sqlx::Error::ColumnDecode { .. }) => {
                    for (id, seen) in page {
                        self.replay(*id, *seen).await?;
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

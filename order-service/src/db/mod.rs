//! The SQL of this service.

pub(crate) mod events;
pub(crate) mod idempotency;
pub(crate) mod limits;
pub(crate) mod moves;
pub(crate) mod orders;
pub(crate) mod placements;
pub(crate) mod shipping;
pub(crate) mod timers;

use chrono::{DateTime, Utc};
use storage::outbox::Tables;
use uuid::Uuid;

/// The migrations of the schema, which the service applies at its start.
pub(crate) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();
/// The tables of events.
pub(crate) const TABLES: Tables = Tables { events: "order_events", subject: "order_id" };

/// The smallest id of an order that is placed at this time or later. Earlier orders have smaller ids, because
/// a `UUIDv7` begins with its time in milliseconds (RFC 9562, 5.7).
fn first_id_at(time: DateTime<Utc>) -> Uuid {
    let milliseconds = u128::try_from(time.timestamp_millis()).unwrap_or_default();
    Uuid::from_u128(milliseconds << 80)
}

/// The error for a value that this service never writes.
fn corrupt(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

/// Collects one column of the rows to write, for `unnest`.
fn column<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

fn json(value: &impl serde::Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

#[cfg(test)]
pub(crate) mod testing {
    //! Orders for tests.

    use super::{
        moves,
        placements::{Placed, Placement},
    };
    use crate::domain::{placing, status};
    use chrono::Utc;
    use contract::{
        events::{CancelledBy, Change, OrderEvent},
        ids::{ProductId, UserId},
        orders::{Item, Order, PlaceOrder},
    };
    use sqlx::PgPool;
    use storage::{group_commit::Write, outbox::Unpublished};

    /// A valid request of a customer.
    pub(crate) fn request() -> PlaceOrder {
        PlaceOrder {
            items: vec![Item { product_id: ProductId::new(), quantity: 2 }],
            payment_method: "pm_card_visa".into(),
            codes: Vec::new(),
            expected_total: None,
            shipping_address: None,
            note: Some("Ring twice.".into()),
        }
    }

    /// Writes in one commit.
    pub(super) async fn commit<W: Write>(writes: &[W], db: &PgPool) -> Result<Vec<W::Answer>, sqlx::Error> {
        W::commit(writes, &mut db.acquire().await.unwrap()).await
    }

    /// Stores an order with its first event.
    pub(crate) async fn placed(db: &PgPool, user_id: UserId) -> (Order, OrderEvent) {
        let (order, event) = placing::place(user_id, request(), Utc::now()).unwrap();
        let placement = Placement::of(order.clone(), event.clone(), None);
        assert_eq!(commit(&[placement], db).await.unwrap(), [Placed::New]);
        (order, event)
    }

    /// Cancels a copy of the order, and returns it with its event.
    pub(super) fn cancelled(order: &Order) -> (Order, OrderEvent) {
        let mut order = order.clone();
        let event = status::apply(
            &mut order,
            Change::Cancelled { by: CancelledBy::Customer, reason: None },
            Utc::now(),
        );
        (order, event)
    }

    /// Writes a transition, and returns whether it succeeded.
    pub(super) async fn moved(db: &PgPool, order: &Order, event: OrderEvent) -> bool {
        let step = (order, &Unpublished::new(event, None));
        !moves::update(&[step], &mut db.acquire().await.unwrap()).await.unwrap().is_empty()
    }
}

//! Shipments for tests.

use super::creations::Creation;
use crate::domain::{promise::Window, report::Report};
use chrono::DateTime;
use contract::{
    addresses::ShippingOrder,
    ids::{OrderId, UserId},
    orders::Address,
};
use sqlx::PgPool;
use std::time::Duration;
use storage::group_commit::Write as _;

pub(crate) const POLL_AFTER: Duration = Duration::from_mins(5);

pub(crate) fn address() -> Address {
    Address {
        name: "Ada Lovelace".into(),
        street: "12 St James's Square".into(),
        city: "London".into(),
        postal_code: "SW1Y 4JH".into(),
        country: "GB".into(),
    }
}

/// A completed order.
pub(crate) fn order() -> ShippingOrder {
    ShippingOrder { id: OrderId::new(), user_id: UserId::new(), shipping_address: Some(address()) }
}

pub(crate) fn window() -> Window {
    Window { from: "2100-01-04".parse().unwrap(), to: "2100-01-06".parse().unwrap() }
}

/// Creates the shipment of an order.
pub(crate) async fn created(pool: &PgPool, order: &ShippingOrder) {
    let creation = Creation::of(order.clone(), window());
    let mut db = pool.acquire().await.unwrap();
    assert_eq!(Creation::commit(&[creation], &mut db).await.unwrap(), [true]);
}

/// A report of the carrier. `id` is its id, and its time in seconds.
pub(crate) fn report(status: &str, id: i64) -> Report {
    let at = DateTime::from_timestamp(1_767_323_045 + id, 0).unwrap();
    Report { id: id.to_string(), status: status.to_owned(), at }
}

/// Moves the next task of every shipment this many seconds closer.
pub(crate) async fn passes(pool: &PgPool, seconds: u32) {
    let pass = "UPDATE shipments SET due_at = due_at - make_interval(secs => $1)";
    sqlx::query(pass).bind(f64::from(seconds)).execute(pool).await.unwrap();
}

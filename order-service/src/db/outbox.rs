//! The table `order_events`, as outbox.
//!
//! A relay leases rows, publishes them, and marks those that the broker confirmed. A relay that is
//! stopped for longer than its lease finds its mark refused: another one has published the rows by
//! then. So an event may be published twice, never not at all.

use common::contract::{events::OrderEvent, ids::EventId};
use sqlx::{PgPool, types::Json};
use std::time::Duration;
use uuid::Uuid;

/// The right to publish some rows for a while.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease(Uuid);

/// An event to publish.
pub(crate) struct Unpublished {
    pub(crate) event: OrderEvent,
    /// Of the request that caused it.
    pub(crate) traceparent: Option<String>,
}

/// Leases the oldest unpublished events that nobody else has.
///
/// Not "those after the last one": ids of concurrent transactions do not commit in their order.
pub(crate) async fn claim(
    db: &PgPool,
    limit: i64,
    lease_time: Duration,
) -> Result<(Lease, Vec<Unpublished>), sqlx::Error> {
    let lease = Lease(Uuid::now_v7());
    let rows = sqlx::query!(
        r#"with claimed as (
               select id from order_events
               where published_at is null and (leased_until is null or leased_until < now())
               order by id limit $1 for update skip locked
           )
           update order_events set lease = $2, leased_until = now() + make_interval(secs => $3)
           from claimed where order_events.id = claimed.id
           returning body as "body: Json<OrderEvent>", traceparent"#,
        limit,
        lease.0,
        lease_time.as_secs_f64()
    )
    .fetch_all(db)
    .await?;
    let mut events: Vec<_> =
        rows.into_iter().map(|row| Unpublished { event: row.body.0, traceparent: row.traceparent }).collect();
    // `returning` keeps no order; consumers like to see an order's events as they happened.
    events.sort_by_key(|unpublished| unpublished.event.id);
    Ok((lease, events))
}

/// Marks events as published, those at least that the lease still holds. Returns how many.
pub(crate) async fn mark_published(
    db: &PgPool,
    lease: Lease,
    events: &[EventId],
) -> Result<u64, sqlx::Error> {
    let ids: Vec<Uuid> = events.iter().map(|id| id.uuid()).collect();
    let marked = sqlx::query!(
        "update order_events set published_at = now(), lease = null, leased_until = null \
         where id = any($1) and lease = $2 and published_at is null",
        &ids,
        lease.0
    )
    .execute(db)
    .await?;
    Ok(marked.rows_affected())
}

/// Gives back what was not published, so that it need not wait for the lease to end.
pub(crate) async fn release(db: &PgPool, lease: Lease) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update order_events set lease = null, leased_until = null where lease = $1 and published_at is null",
        lease.0
    )
    .execute(db)
    .await
    .map(drop)
}

/// How many events wait to be published.
pub(crate) async fn backlog(db: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from order_events where published_at is null"#)
        .fetch_one(db)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::testing::{append, placed},
        domain::status,
    };
    use chrono::Utc;
    use common::contract::{
        events::{CancelledBy, Change},
        ids::UserId,
    };

    const LEASE: Duration = Duration::from_mins(1);
    const ENDED: Duration = Duration::ZERO;

    fn ids(events: &[Unpublished]) -> Vec<EventId> {
        events.iter().map(|unpublished| unpublished.event.id).collect()
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn two_relays_never_have_the_same_event(db: PgPool) {
        let mut placed_ids = Vec::new();
        for _ in 0..3 {
            placed_ids.push(placed(&db, UserId::new()).await.1.id);
        }
        let (_, one) = claim(&db, 2, LEASE).await.unwrap();
        let (_, other) = claim(&db, 2, LEASE).await.unwrap();
        assert_eq!(ids(&one), placed_ids[..2]);
        assert_eq!(ids(&other), placed_ids[2..]);
        assert!(claim(&db, 2, LEASE).await.unwrap().1.is_empty());
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn what_is_marked_does_not_come_again(db: PgPool) {
        let (_, event) = placed(&db, UserId::new()).await;
        let (lease, _) = claim(&db, 10, ENDED).await.unwrap();
        assert_eq!(mark_published(&db, lease, &[event.id]).await.unwrap(), 1);
        assert!(claim(&db, 10, LEASE).await.unwrap().1.is_empty());
        assert_eq!(backlog(&db).await.unwrap(), 0);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn what_is_released_comes_again_at_once(db: PgPool) {
        placed(&db, UserId::new()).await;
        let (lease, _) = claim(&db, 10, LEASE).await.unwrap();
        release(&db, lease).await.unwrap();
        assert_eq!(claim(&db, 10, LEASE).await.unwrap().1.len(), 1);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_relay_that_slept_past_its_lease_marks_nothing(db: PgPool) {
        let (_, event) = placed(&db, UserId::new()).await;
        let (slept, _) = claim(&db, 10, ENDED).await.unwrap();
        let (awake, taken) = claim(&db, 10, LEASE).await.unwrap();
        assert_eq!(taken.len(), 1);
        assert_eq!(mark_published(&db, slept, &[event.id]).await.unwrap(), 0);
        assert_eq!(mark_published(&db, awake, &[event.id]).await.unwrap(), 1);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn an_event_that_is_not_committed_is_not_published_and_holds_up_no_other(db: PgPool) {
        let (mut order, _) = placed(&db, UserId::new()).await;
        let event = status::apply(&mut order, Change::Cancelled { by: CancelledBy::Customer }, Utc::now());
        let mut uncommitted = db.begin().await.unwrap();
        append(&mut *uncommitted, &event).await;
        let (_, later) = placed(&db, UserId::new()).await;

        let (_, claimed) = claim(&db, 10, LEASE).await.unwrap();
        assert!(ids(&claimed).contains(&later.id) && !ids(&claimed).contains(&event.id));
        uncommitted.commit().await.unwrap();
        let (_, claimed) = claim(&db, 10, LEASE).await.unwrap();
        assert_eq!(ids(&claimed), [event.id]);
    }
}

//! The table `outbox`: committed events that the broker has not confirmed yet.
//!
//! Each row has a lease, until which one relay publishes the event. The replica that commits an event holds
//! the first lease. After the lease, any relay may claim the row. If a relay pauses for longer than its
//! lease, another relay publishes its events, and the first relay publishes them again later. So an event is
//! published at least once, and perhaps twice.

use super::column;
use chrono::DateTime;
use contract::{events::OrderEvent, ids::OrderId};
use messaging::delivery::StoredEvent;
use sqlx::{PgConnection, PgPool};
use std::{fmt, sync::Arc, time::Duration};
use storage::group_commit::Write;

/// One publication of an event. A confirm belongs to one publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Telling {
    order_id: OrderId,
    version: i32,
    /// The number of earlier publications of the event.
    number: i16,
}

impl fmt::Display for Telling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} version {}", self.order_id, self.version)
    }
}

/// An event to publish that was just committed.
#[derive(Clone)]
pub(crate) struct Unpublished {
    pub(crate) telling: Telling,
    pub(crate) event: Arc<OrderEvent>,
    /// The trace of the request that caused the event.
    pub(crate) traceparent: Option<String>,
}

impl Unpublished {
    pub(crate) fn new(event: OrderEvent, traceparent: Option<String>) -> Self {
        let telling = Telling { order_id: event.order_id, version: event.version.cast_signed(), number: 0 };
        Self { telling, event: Arc::new(event), traceparent }
    }
}

/// An event to publish that a sweep has claimed. It is not decoded, because an event that this release cannot
/// read must not block the others.
pub(crate) struct Claimed {
    pub(crate) telling: Telling,
    /// `None` if the body has no event name. Then the event has no routing key.
    pub(crate) stored: Option<StoredEvent>,
}

/// Claims the oldest events without a valid lease.
///
/// A cursor over ids would miss events, because concurrent transactions do not commit in the order of their
/// ids.
pub(crate) async fn claim(db: &PgPool, limit: i64, lease: Duration) -> Result<Vec<Claimed>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with free as (
               select order_id, version from outbox where leased_until <= now()
               order by order_id, version limit $1 for update skip locked
           ), claimed as (
               update outbox set leased_until = now() + make_interval(secs => $2)
               from free where outbox.order_id = free.order_id and outbox.version = free.version
               returning outbox.order_id, outbox.version, outbox.telling
           )
           select claimed.order_id, claimed.version, claimed.telling, id, body->>'type' as name, body->>'at' as at,
                  body::text as "body!", traceparent
           from claimed join order_events using (order_id, version)
           order by claimed.order_id, claimed.version"#,
        limit,
        lease.as_secs_f64()
    )
    .fetch_all(db)
    .await?;
    let claimed = rows.into_iter().map(|row| {
        let order_id = row.order_id.into();
        let stored = row.name.map(|name| StoredEvent {
            id: row.id,
            order_id,
            name: name.into(),
            at: row.at.as_deref().and_then(seconds),
            body: row.body.into_bytes(),
            traceparent: row.traceparent,
        });
        Claimed { telling: Telling { order_id, version: row.version, number: row.telling }, stored }
    });
    Ok(claimed.collect())
}

fn seconds(at: &str) -> Option<u64> {
    DateTime::parse_from_rfc3339(at).ok()?.timestamp().try_into().ok()
}

/// Publications that the broker has confirmed. Their rows are deleted regardless of the lease.
pub(crate) struct Published(pub(crate) Vec<Telling>);

impl Write for Published {
    type Answer = ();

    /// The pause groups confirms, because a separate commit for each event would be a third of all commits.
    /// If the relay dies during the pause, the events are published again.
    const PAUSE: Duration = Duration::from_millis(100);

    async fn commit(batches: &[Self], db: &mut PgConnection) -> Result<Vec<()>, sqlx::Error> {
        let tellings: Vec<_> = batches.iter().flat_map(|batch| &batch.0).collect();
        sqlx::query!(
            "delete from outbox using unnest($1::uuid[], $2::int[], $3::smallint[]) as told (order_id, version, telling)
             where outbox.order_id = told.order_id and outbox.version = told.version and outbox.telling = told.telling",
            &column(&tellings, |telling| telling.order_id.uuid()),
            &column(&tellings, |telling| telling.version),
            &column(&tellings, |telling| telling.number),
        )
        .execute(db)
        .await?;
        Ok(vec![(); batches.len()])
    }
}

/// Ends the leases of unpublished events, so that a sweep can claim them immediately.
pub(crate) async fn release(db: &PgPool, tellings: &[Telling]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update outbox set leased_until = now()
         from unnest($1::uuid[], $2::int[], $3::smallint[]) as told (order_id, version, telling)
         where outbox.order_id = told.order_id and outbox.version = told.version and outbox.telling = told.telling",
        &column(tellings, |telling| telling.order_id.uuid()),
        &column(tellings, |telling| telling.version),
        &column(tellings, |telling| telling.number),
    )
    .execute(db)
    .await
    .map(drop)
}

/// Counts the events that wait to be published.
pub(crate) async fn backlog(db: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from outbox"#).fetch_one(db).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::testing::{append, commit, placed},
        domain::status,
    };
    use chrono::Utc;
    use contract::{
        events::{CancelledBy, Change},
        ids::{EventId, UserId},
    };

    const LEASE: Duration = Duration::from_mins(1);
    const ENDED: Duration = Duration::ZERO;

    fn ids(claimed: &[Claimed]) -> Vec<EventId> {
        claimed.iter().filter_map(|claimed| claimed.stored.as_ref()).map(|stored| stored.id.into()).collect()
    }

    /// Ends all leases, as if the replicas that hold them had died.
    async fn end_leases(db: &PgPool) {
        sqlx::query("update outbox set leased_until = now()").execute(db).await.unwrap();
    }

    async fn published(db: &PgPool, tellings: Vec<Telling>) {
        commit(&[Published(tellings)], db).await.unwrap();
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn two_relays_never_claim_the_same_event(db: PgPool) {
        let mut placed_ids = Vec::new();
        for _ in 0..3 {
            placed_ids.push(placed(&db, UserId::new()).await.1.id);
        }
        assert!(claim(&db, 2, LEASE).await.unwrap().is_empty(), "the first leases are valid");
        end_leases(&db).await;
        let one = claim(&db, 2, LEASE).await.unwrap();
        let other = claim(&db, 2, LEASE).await.unwrap();
        assert_eq!(ids(&one), placed_ids[..2]);
        assert_eq!(ids(&other), placed_ids[2..]);
        assert!(claim(&db, 2, LEASE).await.unwrap().is_empty());
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_published_event_is_not_claimed_again(db: PgPool) {
        let (_, claimed) = placed(&db, UserId::new()).await;
        let (_, just_committed) = placed(&db, UserId::new()).await;
        end_leases(&db).await;
        let first = claim(&db, 1, ENDED).await.unwrap();
        assert_eq!(ids(&first), [claimed.id]);
        published(&db, vec![first[0].telling, Unpublished::new(just_committed, None).telling]).await;
        assert_eq!(backlog(&db).await.unwrap(), 0);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_released_event_can_be_claimed_immediately(db: PgPool) {
        placed(&db, UserId::new()).await;
        end_leases(&db).await;
        let claimed = claim(&db, 10, LEASE).await.unwrap();
        let tellings: Vec<_> = claimed.iter().map(|unpublished| unpublished.telling).collect();
        release(&db, &tellings).await.unwrap();
        assert_eq!(ids(&claim(&db, 10, LEASE).await.unwrap()), ids(&claimed));
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_late_confirm_does_not_delete_the_next_publication(db: PgPool) {
        let (_, event) = placed(&db, UserId::new()).await;
        let first = vec![Unpublished::new(event, None).telling];
        published(&db, first.clone()).await;
        let again =
            "insert into outbox (order_id, version, telling) select order_id, version, 1 from order_events";
        sqlx::query(again).execute(&db).await.unwrap();
        published(&db, first).await;
        assert_eq!(backlog(&db).await.unwrap(), 1);
        end_leases(&db).await;
        published(&db, vec![claim(&db, 1, LEASE).await.unwrap()[0].telling]).await;
        assert_eq!(backlog(&db).await.unwrap(), 0);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn an_unreadable_event_is_published_as_stored(db: PgPool) {
        let (_, unreadable) = placed(&db, UserId::new()).await;
        let (_, unnamed) = placed(&db, UserId::new()).await;
        let (_, good) = placed(&db, UserId::new()).await;
        let rewrite = "update order_events set body = $2::json where order_id = $1";
        let bad = r#"{"type":"order_created","at":"2026-01-02T03:04:05Z","later":true}"#;
        for (event, body) in [(&unreadable, bad), (&unnamed, "[]")] {
            let rewritten = sqlx::query(rewrite).bind(event.order_id.uuid()).bind(body);
            rewritten.execute(&db).await.unwrap();
        }
        end_leases(&db).await;

        let claimed = claim(&db, 10, LEASE).await.unwrap();
        assert_eq!(ids(&claimed), [unreadable.id, good.id]);
        assert_eq!(claimed.len(), 3, "the third one has no event name");
        let stored = claimed[0].stored.as_ref().unwrap();
        assert_eq!(stored.body, bad.as_bytes());
        assert_eq!((&*stored.name, stored.at), ("order_created", Some(1_767_323_045)));
        let as_committed = StoredEvent::of(&good, None).unwrap();
        let stored = claimed[2].stored.as_ref().unwrap();
        assert_eq!(stored.body, as_committed.body);
        assert_eq!((&stored.name, stored.at), (&as_committed.name, as_committed.at));
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn an_uncommitted_event_is_not_published_and_does_not_delay_others(db: PgPool) {
        let (mut order, _) = placed(&db, UserId::new()).await;
        let event = status::apply(
            &mut order,
            Change::Cancelled { by: CancelledBy::Customer, reason: None },
            Utc::now(),
        );
        let mut uncommitted = db.begin().await.unwrap();
        append(&mut uncommitted, &event).await;
        let (_, later) = placed(&db, UserId::new()).await;
        end_leases(&db).await;

        let claimed = claim(&db, 10, LEASE).await.unwrap();
        assert!(ids(&claimed).contains(&later.id) && !ids(&claimed).contains(&event.id));
        uncommitted.commit().await.unwrap();
        end_leases(&db).await;
        let claimed = claim(&db, 10, LEASE).await.unwrap();
        assert!(ids(&claimed).contains(&event.id));
    }
}

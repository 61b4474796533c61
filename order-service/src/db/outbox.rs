//! The table `outbox`: events that are committed, and not known to be with the broker.
//!
//! A row says until when somebody is publishing it. The replica that commits an event has it first; whoever
//! finds a row whose time is over takes it. A relay that is stopped for longer has its events published by
//! another one, and then once more by itself. So an event may be published twice, never not at all.

use super::column;
use common::{
    contract::{events::OrderEvent, ids::OrderId},
    database::group_commit::Write,
};
use sqlx::{PgConnection, PgPool, types::Json};
use std::{sync::Arc, time::Duration};

/// One telling of an event: what a confirm is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Telling {
    order_id: OrderId,
    version: i32,
    /// How often the event was told before.
    number: i16,
}

/// An event to publish.
pub(crate) struct Unpublished {
    pub(crate) telling: Telling,
    pub(crate) event: Arc<OrderEvent>,
    /// Of the request that caused it.
    pub(crate) traceparent: Option<String>,
}

impl Unpublished {
    /// An event that has just been committed.
    pub(crate) fn new(event: OrderEvent, traceparent: Option<String>) -> Self {
        let telling = Telling { order_id: event.order_id, version: event.version.cast_signed(), number: 0 };
        Self { telling, event: Arc::new(event), traceparent }
    }
}

/// Takes the oldest events that nobody is publishing.
///
/// Not "those after the last one": ids of concurrent transactions do not commit in their order.
pub(crate) async fn claim(db: &PgPool, limit: i64, lease: Duration) -> Result<Vec<Unpublished>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with free as (
               select order_id, version from outbox where leased_until <= now()
               order by order_id, version limit $1 for update skip locked
           ), claimed as (
               update outbox set leased_until = now() + make_interval(secs => $2)
               from free where outbox.order_id = free.order_id and outbox.version = free.version
               returning outbox.order_id, outbox.version, outbox.telling
           )
           select claimed.order_id, claimed.version, claimed.telling, body as "body: Json<OrderEvent>", traceparent
           from claimed join order_events using (order_id, version)
           order by claimed.order_id, claimed.version"#,
        limit,
        lease.as_secs_f64()
    )
    .fetch_all(db)
    .await?;
    let unpublished = rows.into_iter().map(|row| Unpublished {
        telling: Telling { order_id: row.order_id.into(), version: row.version, number: row.telling },
        event: Arc::new(row.body.0),
        traceparent: row.traceparent,
    });
    Ok(unpublished.collect())
}

/// Tellings that the broker has confirmed. They go, whoever has them leased: a confirm is a fact.
pub(crate) struct Published(pub(crate) Vec<Telling>);

impl Write for Published {
    type Answer = ();

    /// A commit of its own for each of an order's four events was a third of all its commits. What a relay that dies
    /// has not written down by then is published once more.
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

/// Gives back what was not published, so that it need not wait for the lease to end.
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

/// How many events wait to be published.
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
    use common::contract::{
        events::{CancelledBy, Change},
        ids::{EventId, UserId},
    };

    const LEASE: Duration = Duration::from_mins(1);
    const ENDED: Duration = Duration::ZERO;

    fn ids(events: &[Unpublished]) -> Vec<EventId> {
        events.iter().map(|unpublished| unpublished.event.id).collect()
    }

    /// As if the replicas that committed them had died.
    async fn orphan(db: &PgPool) {
        sqlx::query("update outbox set leased_until = now()").execute(db).await.unwrap();
    }

    async fn published(db: &PgPool, events: &[Unpublished]) {
        let tellings = events.iter().map(|unpublished| unpublished.telling).collect();
        commit(&[Published(tellings)], db).await.unwrap();
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn two_relays_never_have_the_same_event(db: PgPool) {
        let mut placed_ids = Vec::new();
        for _ in 0..3 {
            placed_ids.push(placed(&db, UserId::new()).await.1.id);
        }
        assert!(claim(&db, 2, LEASE).await.unwrap().is_empty(), "those who committed them have them first");
        orphan(&db).await;
        let one = claim(&db, 2, LEASE).await.unwrap();
        let other = claim(&db, 2, LEASE).await.unwrap();
        assert_eq!(ids(&one), placed_ids[..2]);
        assert_eq!(ids(&other), placed_ids[2..]);
        assert!(claim(&db, 2, LEASE).await.unwrap().is_empty());
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn what_is_published_does_not_come_again(db: PgPool) {
        let (_, claimed) = placed(&db, UserId::new()).await;
        let (_, just_committed) = placed(&db, UserId::new()).await;
        orphan(&db).await;
        let claimed = claim(&db, 1, ENDED).await.unwrap().into_iter().filter(|one| *one.event == claimed);
        let events: Vec<_> = claimed.chain([Unpublished::new(just_committed, None)]).collect();
        assert_eq!(events.len(), 2);
        published(&db, &events).await;
        assert_eq!(backlog(&db).await.unwrap(), 0);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn what_is_released_comes_again_at_once(db: PgPool) {
        placed(&db, UserId::new()).await;
        orphan(&db).await;
        let claimed = claim(&db, 10, LEASE).await.unwrap();
        let tellings: Vec<_> = claimed.iter().map(|unpublished| unpublished.telling).collect();
        release(&db, &tellings).await.unwrap();
        assert_eq!(ids(&claim(&db, 10, LEASE).await.unwrap()), ids(&claimed));
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_confirm_that_comes_late_does_not_take_the_next_telling_away(db: PgPool) {
        let (_, event) = placed(&db, UserId::new()).await;
        let first = [Unpublished::new(event, None)];
        published(&db, &first).await;
        let again =
            "insert into outbox (order_id, version, telling) select order_id, version, 1 from order_events";
        sqlx::query(again).execute(&db).await.unwrap();
        published(&db, &first).await;
        assert_eq!(backlog(&db).await.unwrap(), 1);
        orphan(&db).await;
        published(&db, &claim(&db, 1, LEASE).await.unwrap()).await;
        assert_eq!(backlog(&db).await.unwrap(), 0);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn an_event_that_is_not_committed_is_not_published_and_holds_up_no_other(db: PgPool) {
        let (mut order, _) = placed(&db, UserId::new()).await;
        let event = status::apply(&mut order, Change::Cancelled { by: CancelledBy::Customer }, Utc::now());
        let mut uncommitted = db.begin().await.unwrap();
        append(&mut uncommitted, &event).await;
        let (_, later) = placed(&db, UserId::new()).await;
        orphan(&db).await;

        let claimed = claim(&db, 10, LEASE).await.unwrap();
        assert!(ids(&claimed).contains(&later.id) && !ids(&claimed).contains(&event.id));
        uncommitted.commit().await.unwrap();
        orphan(&db).await;
        let claimed = claim(&db, 10, LEASE).await.unwrap();
        assert!(ids(&claimed).contains(&event.id));
    }
}

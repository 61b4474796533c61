//! The outbox: committed events that the broker has not confirmed yet.
//!
//! A service that publishes events has two tables. One holds its events for ever. `outbox` holds a row for
//! each event that is still to be published. The service writes both rows in the transaction that makes the
//! change. `outbox.sql` beside this file has the tables.
//!
//! Each row of `outbox` has a lease, until which one relay publishes the event. The replica that commits an
//! event holds the first lease. After the lease, any relay may claim the row. If a relay pauses for longer
//! than its lease, another relay publishes its events, and the first relay publishes them again later. So an
//! event is published at least once, and perhaps twice.

use crate::group_commit::{CommitError, GroupCommit, Write};
use chrono::DateTime;
use contract::events::Event;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row as _, postgres::PgRow};
use std::{borrow::Cow, fmt, sync::Arc, time::Duration};
use uuid::Uuid;

/// The names in a service's tables.
#[derive(Clone, Copy, Debug)]
pub struct Tables {
    /// The table of events.
    pub events: &'static str,
    /// The column with the id of what has changed, in both tables.
    pub subject: &'static str,
}

/// One publication of an event. A confirm belongs to one publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publication {
    subject: Uuid,
    version: i32,
    /// The number of earlier publications of the event.
    number: i16,
}

impl fmt::Display for Publication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} version {}", self.subject, self.version)
    }
}

/// An event to publish that was just committed.
#[derive(Debug)]
pub struct Unpublished<E> {
    /// Its first publication.
    pub publication: Publication,
    /// The event.
    pub event: Arc<E>,
    /// The trace of the request that caused the event.
    pub traceparent: Option<String>,
}

impl<E> Clone for Unpublished<E> {
    fn clone(&self) -> Self {
        let Self { publication, event, traceparent } = self;
        Self { publication: *publication, event: Arc::clone(event), traceparent: traceparent.clone() }
    }
}

impl<E: Event> Unpublished<E> {
    /// The first publication of an event.
    #[must_use]
    pub fn new(event: E, traceparent: Option<String>) -> Self {
        let publication =
            Publication { subject: event.subject(), version: event.version().cast_signed(), number: 0 };
        Self { publication, event: Arc::new(event), traceparent }
    }
}

/// An event as it is stored. Its message is made from these values.
#[derive(Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// The event's id.
    pub id: Uuid,
    /// The id of what has changed.
    pub subject: Uuid,
    /// The event's name.
    pub name: Cow<'static, str>,
    /// When it happened, in seconds since 1970. `None` if the body has no time.
    pub at: Option<u64>,
    /// The body.
    pub body: String,
    /// The `traceparent` of the request that caused the event.
    pub traceparent: Option<String>,
}

impl StoredEvent {
    /// The stored form of an event.
    pub fn of(event: &impl Event, traceparent: Option<String>) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id: event.id().uuid(),
            subject: event.subject(),
            name: event.name().into(),
            at: event.at().timestamp().try_into().ok(),
            body: serde_json::to_string(event)?,
            traceparent,
        })
    }
}

/// An event to publish that a sweep has claimed. It is not decoded, because an event that this release cannot
/// read must not block the others.
#[derive(Debug)]
pub struct Claimed {
    /// Its next publication.
    pub publication: Publication,
    /// `None` if the body has no event name. Then the event has no routing key.
    pub stored: Option<StoredEvent>,
}

/// The outbox of a service. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    pool: PgPool,
    sql: Arc<Sql>,
    published: GroupCommit<Published>,
}

/// The statements, with the names of the service's tables.
struct Sql {
    claim: Arc<str>,
    release: Arc<str>,
    delete: Arc<str>,
}

impl Outbox {
    /// The outbox in the pool's database. Must be called within a tokio runtime.
    #[must_use]
    pub fn new(pool: &PgPool, tables: Tables) -> Self {
        Self { pool: pool.clone(), sql: Arc::new(Sql::new(tables)), published: GroupCommit::to(pool) }
    }

    /// Claims the oldest events without a valid lease, for the time of `lease`.
    ///
    /// A cursor over ids would miss events, because concurrent transactions do not commit in the order of
    /// their ids.
    pub async fn claim(&self, limit: i64, lease: Duration) -> Result<Vec<Claimed>, sqlx::Error> {
        let claim =
            sqlx::query(AssertSqlSafe(Arc::clone(&self.sql.claim))).bind(limit).bind(lease.as_secs_f64());
        claim.fetch_all(&self.pool).await?.iter().map(claimed).collect()
    }

    /// Ends the leases of unpublished events, so that a sweep can claim them immediately.
    pub async fn release(&self, publications: &[Publication]) -> Result<(), sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        execute(&self.sql.release, publications, &mut connection).await
    }

    /// Deletes publications that the broker has confirmed, regardless of their leases.
    pub async fn delete(&self, publications: Vec<Publication>) -> Result<(), CommitError> {
        self.published.write(Published { publications, sql: Arc::clone(&self.sql) }).await.map(drop)
    }

    /// Counts the events that wait to be published.
    pub async fn backlog(&self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(&self.pool).await
    }
}

impl Sql {
    /// Each statement is constant for a service, so PostgreSQL prepares it once for each connection.
    fn new(Tables { events, subject }: Tables) -> Self {
        let publications = format!(
            "unnest($1::uuid[], $2::int[], $3::smallint[]) AS publication ({subject}, version, telling)"
        );
        let same = format!(
            "outbox.{subject} = publication.{subject} AND outbox.version = publication.version
             AND outbox.telling = publication.telling"
        );
        Self {
            claim: format!(
                "WITH free AS (
                     SELECT {subject}, version FROM outbox WHERE leased_until <= now()
                     ORDER BY {subject}, version LIMIT $1 FOR UPDATE SKIP LOCKED
                 ), claimed AS (
                     UPDATE outbox SET leased_until = now() + make_interval(secs => $2)
                     FROM free WHERE outbox.{subject} = free.{subject} AND outbox.version = free.version
                     RETURNING outbox.{subject}, outbox.version, outbox.telling
                 )
                 SELECT {subject} AS subject, version, telling, id, body->>'type' AS name, body->>'at' AS at,
                        body::text AS body, traceparent
                 FROM claimed JOIN {events} USING ({subject}, version)
                 ORDER BY {subject}, version"
            )
            .into(),
            release: format!("UPDATE outbox SET leased_until = now() FROM {publications} WHERE {same}")
                .into(),
            delete: format!("DELETE FROM outbox USING {publications} WHERE {same}").into(),
        }
    }
}

/// Runs a statement for these publications.
async fn execute(
    sql: &Arc<str>,
    publications: impl IntoIterator<Item = &Publication>,
    db: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let (mut subjects, mut versions, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    for Publication { subject, version, number } in publications {
        subjects.push(*subject);
        versions.push(*version);
        numbers.push(*number);
    }
    let statement = sqlx::query(AssertSqlSafe(Arc::clone(sql))).bind(subjects).bind(versions).bind(numbers);
    statement.execute(db).await.map(drop)
}

fn claimed(row: &PgRow) -> Result<Claimed, sqlx::Error> {
    let subject = row.try_get("subject")?;
    let publication =
        Publication { subject, version: row.try_get("version")?, number: row.try_get("telling")? };
    let Some(name) = row.try_get::<Option<String>, _>("name")? else {
        return Ok(Claimed { publication, stored: None });
    };
    let stored = StoredEvent {
        id: row.try_get("id")?,
        subject,
        name: name.into(),
        at: row.try_get::<Option<&str>, _>("at")?.and_then(seconds),
        body: row.try_get("body")?,
        traceparent: row.try_get("traceparent")?,
    };
    Ok(Claimed { publication, stored: Some(stored) })
}

fn seconds(at: &str) -> Option<u64> {
    DateTime::parse_from_rfc3339(at).ok()?.timestamp().try_into().ok()
}

/// Publications that the broker has confirmed.
struct Published {
    publications: Vec<Publication>,
    sql: Arc<Sql>,
}

impl Write for Published {
    type Answer = ();

    /// The pause groups confirms, because a separate commit for each event would be a third of all commits.
    /// If the relay dies during the pause, the events are published again.
    const PAUSE: Duration = Duration::from_millis(100);

    async fn commit(batches: &[Self], db: &mut PgConnection) -> Result<Vec<()>, sqlx::Error> {
        if let [Self { sql, .. }, ..] = batches {
            execute(&sql.delete, batches.iter().flat_map(|batch| &batch.publications), db).await?;
        }
        Ok(vec![(); batches.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;
    use contract::ids::EventId;
    use serde::Serialize;

    const TABLES: Tables = Tables { events: "parcel_events", subject: "parcel_id" };
    const LEASE: Duration = Duration::from_mins(1);
    const ENDED: Duration = Duration::ZERO;

    #[derive(Serialize)]
    struct ParcelEvent {
        id: EventId,
        parcel_id: Uuid,
        version: u32,
        at: DateTime<Utc>,
        r#type: &'static str,
    }

    impl Event for ParcelEvent {
        fn id(&self) -> EventId {
            self.id
        }

        fn subject(&self) -> Uuid {
            self.parcel_id
        }

        fn version(&self) -> u32 {
            self.version
        }

        fn name(&self) -> &'static str {
            self.r#type
        }

        fn at(&self) -> DateTime<Utc> {
            self.at
        }
    }

    fn shipped() -> ParcelEvent {
        let (id, parcel_id) = (EventId::new(), Uuid::now_v7());
        ParcelEvent { id, parcel_id, version: 1, at: Utc::now(), r#type: "parcel_shipped" }
    }

    async fn outbox(db: &PgPool) -> Outbox {
        sqlx::raw_sql(include_str!("outbox.sql")).execute(db).await.unwrap();
        Outbox::new(db, TABLES)
    }

    /// Writes an event, as a service does in its transaction.
    async fn append(db: &mut PgConnection, event: &ParcelEvent) {
        let body = StoredEvent::of(event, None).unwrap().body;
        let row = sqlx::query(
            "INSERT INTO parcel_events (id, parcel_id, version, body) VALUES ($1, $2, 1, $3::json)",
        );
        row.bind(event.id.uuid()).bind(event.parcel_id).bind(body).execute(&mut *db).await.unwrap();
        let row = sqlx::query("INSERT INTO outbox (parcel_id, version) VALUES ($1, 1)");
        row.bind(event.parcel_id).execute(db).await.unwrap();
    }

    /// Commits an event, and returns it.
    async fn committed(db: &PgPool) -> ParcelEvent {
        let event = shipped();
        append(&mut db.acquire().await.unwrap(), &event).await;
        event
    }

    /// Ends all leases, as if the replicas that hold them had died.
    async fn end_leases(db: &PgPool) {
        sqlx::query("UPDATE outbox SET leased_until = now()").execute(db).await.unwrap();
    }

    fn ids(claimed: &[Claimed]) -> Vec<EventId> {
        claimed.iter().filter_map(|claimed| claimed.stored.as_ref()).map(|stored| stored.id.into()).collect()
    }

    fn publications(claimed: &[Claimed]) -> Vec<Publication> {
        claimed.iter().map(|claimed| claimed.publication).collect()
    }

    #[sqlx::test]
    async fn two_relays_never_claim_the_same_event(db: PgPool) {
        let outbox = outbox(&db).await;
        let mut expected = Vec::new();
        for _ in 0..3 {
            expected.push(committed(&db).await.id);
        }
        assert!(outbox.claim(2, LEASE).await.unwrap().is_empty(), "the first leases are valid");
        end_leases(&db).await;
        let one = outbox.claim(2, LEASE).await.unwrap();
        let other = outbox.claim(2, LEASE).await.unwrap();
        assert_eq!(ids(&one), expected[..2]);
        assert_eq!(ids(&other), expected[2..]);
        assert!(outbox.claim(2, LEASE).await.unwrap().is_empty());
    }

    #[sqlx::test]
    async fn a_published_event_is_not_claimed_again(db: PgPool) {
        let outbox = outbox(&db).await;
        let claimed = committed(&db).await;
        let just_committed = committed(&db).await;
        end_leases(&db).await;
        let first = outbox.claim(1, ENDED).await.unwrap();
        assert_eq!(ids(&first), [claimed.id]);
        let published = vec![first[0].publication, Unpublished::new(just_committed, None).publication];
        outbox.delete(published).await.unwrap();
        assert_eq!(outbox.backlog().await.unwrap(), 0);
    }

    #[sqlx::test]
    async fn a_released_event_can_be_claimed_immediately(db: PgPool) {
        let outbox = outbox(&db).await;
        committed(&db).await;
        end_leases(&db).await;
        let claimed = outbox.claim(10, LEASE).await.unwrap();
        outbox.release(&publications(&claimed)).await.unwrap();
        assert_eq!(ids(&outbox.claim(10, LEASE).await.unwrap()), ids(&claimed));
    }

    #[sqlx::test]
    async fn a_late_confirm_does_not_delete_the_next_publication(db: PgPool) {
        let outbox = outbox(&db).await;
        let first = vec![Unpublished::new(committed(&db).await, None).publication];
        outbox.delete(first.clone()).await.unwrap();
        let again = "INSERT INTO outbox (parcel_id, version, telling) SELECT parcel_id, version, 1 FROM parcel_events";
        sqlx::query(again).execute(&db).await.unwrap();
        outbox.delete(first).await.unwrap();
        assert_eq!(outbox.backlog().await.unwrap(), 1);
        end_leases(&db).await;
        outbox.delete(publications(&outbox.claim(1, LEASE).await.unwrap())).await.unwrap();
        assert_eq!(outbox.backlog().await.unwrap(), 0);
    }

    #[sqlx::test]
    async fn an_unreadable_event_is_claimed_as_stored(db: PgPool) {
        let outbox = outbox(&db).await;
        let (unreadable, unnamed, good) = (committed(&db).await, committed(&db).await, committed(&db).await);
        let bad = r#"{"type":"parcel_lost","at":"2026-01-02T03:04:05Z","later":true}"#;
        for (event, body) in [(&unreadable, bad), (&unnamed, "[]")] {
            let rewrite = sqlx::query("UPDATE parcel_events SET body = $2::json WHERE parcel_id = $1");
            rewrite.bind(event.parcel_id).bind(body).execute(&db).await.unwrap();
        }
        end_leases(&db).await;

        let claimed = outbox.claim(10, LEASE).await.unwrap();
        assert_eq!(ids(&claimed), [unreadable.id, good.id]);
        assert_eq!(claimed.len(), 3, "the third one has no event name");
        let stored = claimed[0].stored.as_ref().unwrap();
        assert_eq!(stored.body, bad);
        assert_eq!((&*stored.name, stored.at), ("parcel_lost", Some(1_767_323_045)));
        assert_eq!(claimed[2].stored, Some(StoredEvent::of(&good, None).unwrap()));
    }

    #[sqlx::test]
    async fn an_uncommitted_event_is_not_claimed_and_does_not_delay_others(db: PgPool) {
        let outbox = outbox(&db).await;
        let event = shipped();
        let mut uncommitted = db.begin().await.unwrap();
        append(&mut uncommitted, &event).await;
        let later = committed(&db).await;
        end_leases(&db).await;

        assert_eq!(ids(&outbox.claim(10, LEASE).await.unwrap()), [later.id]);
        uncommitted.commit().await.unwrap();
        end_leases(&db).await;
        assert_eq!(ids(&outbox.claim(10, LEASE).await.unwrap()), [event.id, later.id]);
    }
}

//! Any service can publish its own events, and any worker can consume them. Here the events of parcels.

use chrono::{DateTime, Utc};
use contract::{
    events::{self, DecodeError, Event, Incoming},
    ids::{EventId, OrderId},
};
use messaging::{
    connection::{Broker, BrokerOptions},
    consumer::{Consumer, Handler},
    declaring::Part,
    outcome::Outcome,
    publisher::Publisher,
    relay::{self, Relay, RelayOptions},
    topology::{Subscription, WorkQueue},
};
use runtime::health::Gate;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};
use storage::outbox::{Outbox, StoredEvent, Tables, Unpublished};
use system_tests::{Shop, eventually};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const EXCHANGE: &str = "parcels";
const SHIPPED: &str = "parcel_shipped";
const TABLES: Tables = Tables { events: "parcel_events", subject: "parcel_id" };
const SCHEMA: &str = include_str!("../../common/storage/src/outbox.sql");

static PARCEL_DESK: WorkQueue = WorkQueue {
    name: "parcel-desk",
    subscriptions: &[Subscription { exchange: EXCHANGE, events: &[SHIPPED] }],
};

#[derive(Clone, Serialize, Deserialize)]
struct ParcelEvent {
    id: EventId,
    schema: u32,
    parcel_id: Uuid,
    version: u32,
    at: DateTime<Utc>,
    r#type: String,
}

impl ParcelEvent {
    fn shipped() -> Self {
        let (id, parcel_id) = (EventId::new(), Uuid::now_v7());
        Self { id, schema: 1, parcel_id, version: 1, at: Utc::now(), r#type: SHIPPED.into() }
    }
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
        SHIPPED
    }

    fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

impl Incoming for ParcelEvent {
    fn read(name: &str, body: &[u8]) -> Result<Self, DecodeError> {
        assert_eq!(name, SHIPPED);
        events::decode(body, 1)
    }

    fn order_id(&self) -> Option<OrderId> {
        None
    }
}

/// A worker that notes the parcels that it has seen.
#[derive(Clone, Default)]
struct Desk(Arc<Mutex<BTreeSet<Uuid>>>);

impl Handler for Desk {
    type Event = ParcelEvent;

    async fn handle(&self, event: ParcelEvent) -> Outcome {
        self.0.lock().unwrap().insert(event.parcel_id);
        Outcome::Done
    }
}

/// Commits an event, as a service does with its change.
async fn commit(db: &PgPool, event: &ParcelEvent) {
    let body = StoredEvent::of(event, None).unwrap().body;
    let mut change = db.begin().await.unwrap();
    sqlx::query("INSERT INTO parcel_events (id, parcel_id, version, body) VALUES ($1, $2, 1, $3::json)")
        .bind(event.id.uuid())
        .bind(event.parcel_id)
        .bind(body)
        .execute(&mut *change)
        .await
        .unwrap();
    let row = sqlx::query("INSERT INTO outbox (parcel_id, version) VALUES ($1, 1)").bind(event.parcel_id);
    row.execute(&mut *change).await.unwrap();
    change.commit().await.unwrap();
}

#[sqlx::test]
async fn a_service_publishes_its_own_events_to_its_own_exchange(db: PgPool) {
    let shop = Shop::start().await;
    let options = BrokerOptions { amqp_url: shop.stack().amqp_url().unwrap().as_str().parse().unwrap() };
    let service = Broker::new(&options, "parcel-service").declaring(Part::Exchange(EXCHANGE));
    let publisher = Arc::new(Publisher::new(&service));
    publisher.declare().await.unwrap();
    let (desk, shutdown, quiet) = (Desk::default(), CancellationToken::new(), CancellationToken::new());
    let worker = Broker::new(&options, "parcel-desk");
    let gate = Gate::default();
    let consumer = Consumer::new(&PARCEL_DESK, 8, Publisher::new(&worker), desk.clone());
    let consuming = tokio::spawn(consumer.run(worker, gate.clone(), shutdown.clone()));
    eventually("the worker consumes", async || gate.is_open().then_some(())).await;

    sqlx::raw_sql(SCHEMA).execute(&db).await.unwrap();
    let outbox = Outbox::new(&db, TABLES);
    let (handover, handed) = relay::handover();
    let lease = RelayOptions { relay_lease_seconds: 30 };
    let relay = Relay::new(EXCHANGE, outbox.clone(), publisher, handed, lease);
    let relaying = tokio::spawn(relay.run(quiet.clone()));
    // Half of the events come to the relay through its memory. The others belong to a replica that died.
    let mut shipped = BTreeSet::new();
    for count in 0..20 {
        let event = ParcelEvent::shipped();
        shipped.insert(event.parcel_id);
        commit(&db, &event).await;
        if count % 2 == 0 {
            handover.committed(Unpublished::new(event, None));
        }
    }

    eventually("the worker has seen all events", async || {
        let seen = desk.0.lock().unwrap().clone();
        (seen == shipped).then_some(())
    })
    .await;
    eventually("the outbox is empty", async || (outbox.backlog().await.unwrap() == 0).then_some(())).await;

    // Before it ends, the relay publishes the last events.
    let last = ParcelEvent::shipped();
    commit(&db, &last).await;
    handover.committed(Unpublished::new(last.clone(), None));
    quiet.cancel();
    relaying.await.unwrap().unwrap();
    assert_eq!(outbox.backlog().await.unwrap(), 0);
    let seen = async || desk.0.lock().unwrap().contains(&last.parcel_id).then_some(());
    eventually("the worker has seen the last event", seen).await;
    shutdown.cancel();
    consuming.await.unwrap().unwrap();
}

//! Fault 12: two relays have the same events, because one of them slept past its lease.

use sqlx::{
    Row,
    types::chrono::{DateTime, Utc},
};
use std::time::Duration;
use system_tests::{Load, Shop, within};
use uuid::Uuid;

/// The first relay is held up between confirm and mark, long enough to be stopped there.
const HELD_UP: &str = "relay.confirmed=10*off->1*sleep(10000)->off";
/// Seconds. Publishing takes a fraction of one, so what is leased for a whole one is held up.
const LEASE: &str = "3";
const PATIENCE: Duration = Duration::from_secs(30);

/// When each of these events was marked as published.
type Marks = Vec<Option<DateTime<Utc>>>;

#[tokio::test]
async fn fault_12_a_relay_sleeps_past_its_lease() {
    let shop = Shop::start_as(|system| {
        system.env("order-service", "RELAY_LEASE_SECONDS", LEASE).env("order-service", "FAILPOINTS", HELD_UP)
    })
    .await;
    shop.lives("order-service");
    shop.stack().scale("order-service", 2).await.unwrap();

    let sleeps = async {
        let events = within(PATIENCE, "a relay is held up", async || held_up(&shop).await).await;
        shop.stack().pause("order-service", 1).unwrap();
        assert!(marks(&shop, &events).await.iter().all(Option::is_none), "stopped before it marked them");
        let by_the_other = within(PATIENCE, "the other relay publishes them", async || {
            let marks = marks(&shop, &events).await;
            marks.iter().all(Option::is_some).then_some(marks)
        })
        .await;
        shop.stack().resume("order-service", 1).unwrap();
        (events, by_the_other)
    };
    let mut slept = None;
    let played = Load::on(&shop).during(async { slept = Some(sleeps.await) }).await;
    played.holds(&shop).await;
    let (events, by_the_other) = slept.unwrap();
    assert_eq!(marks(&shop, &events).await, by_the_other, "the relay that slept marked nothing");
}

/// The events that a relay has leased for a second and not marked.
async fn held_up(shop: &Shop) -> Option<Vec<Uuid>> {
    let query = "select id from order_events where published_at is null \
                 and leased_until between now() and now() + make_interval(secs => $1::float8 - 1)";
    let rows = sqlx::query(query).bind(LEASE.parse::<f64>().unwrap());
    let rows = rows.fetch_all(&shop.database("order-service")).await.unwrap();
    let events: Vec<_> = rows.into_iter().map(|row| row.get("id")).collect();
    (!events.is_empty()).then_some(events)
}

async fn marks(shop: &Shop, events: &[Uuid]) -> Marks {
    sqlx::query_scalar("select published_at from order_events where id = any($1) order by id")
        .bind(events)
        .fetch_all(&shop.database("order-service"))
        .await
        .unwrap()
}

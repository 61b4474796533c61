//! Fault 12: two relays have the same events, because one of them slept past its lease.

use std::time::Duration;
use system_tests::{Load, Shop, within};

/// The first relay is held up between confirm and mark, long enough to be stopped there.
const HELD_UP: &str = "relay.confirmed=10*off->1*sleep(10000)->off";
/// Seconds.
const LEASE: &str = "3";
const PATIENCE: Duration = Duration::from_secs(30);

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
        assert_eq!(unpublished(&shop, &events).await, events.len(), "stopped before it marked them");
        within(PATIENCE, "the other relay publishes them", async || {
            (unpublished(&shop, &events).await == 0).then_some(())
        })
        .await;
        shop.stack().resume("order-service", 1).unwrap();
    };
    let outcome = Load::on(&shop).during(sleeps).await;
    outcome.holds(&shop).await;
}

/// The events that the replica which committed them has had for more than a second of its five. Publishing takes a
/// fraction of one.
async fn held_up(shop: &Shop) -> Option<Vec<String>> {
    let events: Vec<_> = sqlx::query_scalar(
        "select order_id || '/' || version from outbox \
         where leased_until between now() and now() + interval '4 seconds'",
    )
    .fetch_all(&shop.database("order-service"))
    .await
    .unwrap();
    (!events.is_empty()).then_some(events)
}

async fn unpublished(shop: &Shop, events: &[String]) -> usize {
    let rows = sqlx::query("select from outbox where order_id || '/' || version = any($1)").bind(events);
    rows.fetch_all(&shop.database("order-service")).await.unwrap().len()
}

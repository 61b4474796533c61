//! Fault 12: one relay is paused until its lease ends. Another relay then publishes the same events.

use std::time::Duration;
use system_tests::{Load, Shop, within};

/// The failpoint of the first relay. The relay sleeps after the confirm and before it deletes the row. The
/// test pauses the relay during this sleep.
const SLEEP_BEFORE_MARK: &str = "relay.confirmed=10*off->1*sleep(10000)->off";
const LEASE_SECONDS: &str = "3";
const RELAY_DEADLINE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn fault_12_a_relay_sleeps_past_its_lease() {
    let shop = Shop::start_as(|system| {
        system.env("order-service", "RELAY_LEASE_SECONDS", LEASE_SECONDS).env(
            "order-service",
            "FAILPOINTS",
            SLEEP_BEFORE_MARK,
        )
    })
    .await;
    shop.lives("order-service");
    shop.stack().scale("order-service", 2).await.unwrap();

    let sleeps = async {
        let events = within(RELAY_DEADLINE, "a relay sleeps", async || delayed_events(&shop).await).await;
        shop.stack().pause("order-service", 1).unwrap();
        assert_eq!(
            unpublished(&shop, &events).await,
            events.len(),
            "the relay was paused before it marked them"
        );
        within(RELAY_DEADLINE, "the other relay publishes them", async || {
            (unpublished(&shop, &events).await == 0).then_some(())
        })
        .await;
        shop.stack().resume("order-service", 1).unwrap();
    };
    let outcome = Load::on(&shop).during(sleeps).await;
    outcome.holds(&shop).await;
}

/// The events that a replica committed more than one second ago and has not marked. Its own lease is five
/// seconds, and publishing takes a fraction of a second.
async fn delayed_events(shop: &Shop) -> Option<Vec<String>> {
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

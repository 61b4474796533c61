//! Staff list, replay and discard parked messages with `orderctl`'s library.

use contract::{
    orders::OrderStatus::Completed,
    parked::{ParkedAction, ParkedFilter, ParkedOutcome, ParkedResults, ParkedSelection, ParkedSummary},
};
use serde_json::json;
use system_tests::{POISON, STATUSES_OF_A_GOOD_ORDER, Shop, eventually, refusal};
use uuid::Uuid;

fn selection(ids: &[Uuid], reason: &str) -> ParkedSelection {
    ParkedSelection { ids: Some(ids.to_vec()), reason: Some(reason.to_owned()), ..ParkedSelection::default() }
}

fn outcomes(results: &ParkedResults) -> Vec<ParkedOutcome> {
    results.items.iter().map(|result| result.outcome).collect()
}

/// Waits until these messages, and no other ones, are parked under new ids.
async fn parked_again(shop: &Shop, before: &[ParkedSummary]) -> Vec<ParkedSummary> {
    eventually("the messages are parked again", async || {
        let now = shop.sees_parked(before.len()).await;
        let is_new = |message: &ParkedSummary| before.iter().all(|other| other.id != message.id);
        now.iter().all(is_new).then_some(now)
    })
    .await
}

#[tokio::test]
async fn poison_can_be_read_replayed_and_discarded() {
    let shop = Shop::start().await;
    let staff = shop.staff().await;
    shop.poisons("order_reserved", "m-1").await;
    shop.broker().publish("orders", "order_created", &json!({}), POISON).await.unwrap();

    let mut parked = shop.sees_parked(2).await;
    let named = parked.iter().find(|message| message.message_id.as_deref() == Some("m-1")).unwrap();
    assert_eq!(
        (named.queue.as_deref(), named.kind.as_deref()),
        (Some("payment-worker"), Some("order_reserved"))
    );
    assert!(named.reason.starts_with("not a valid event"), "{}", named.reason);
    assert_eq!((named.attempt, named.bytes, named.parked_at.is_some()), (0, POISON.len() as u64, true));
    let bare = parked.iter().find(|message| message.message_id.is_none()).unwrap();
    assert_eq!(bare.queue.as_deref(), Some("order-processor"));
    assert_eq!(staff.parked_message(bare.id).await.unwrap().body, POISON);

    // Replayed poison is parked again, with the same message id and without a counted attempt.
    for _ in 0..2 {
        let results = shop.replays_all().await;
        assert!(results.iter().all(|result| result.outcome == ParkedOutcome::Replayed), "{results:?}");
        parked = parked_again(&shop, &parked).await;
        assert!(parked.iter().all(|message| message.attempt == 0));
        assert!(parked.iter().any(|message| message.message_id.as_deref() == Some("m-1")));
    }

    let ids: Vec<_> = parked.iter().map(|message| message.id).collect();
    let unknown = Uuid::now_v7();
    let results = staff.discard_parked(&selection(&[ids[0], unknown], "a test")).await.unwrap();
    assert_eq!(outcomes(&results), [ParkedOutcome::Discarded, ParkedOutcome::NotFound]);
    for gone in [
        staff.discard_parked(&selection(&ids[..1], "again")).await.unwrap(),
        staff.replay_parked(&selection(&ids[..1], "again")).await.unwrap(),
    ] {
        assert_eq!(outcomes(&gone), [ParkedOutcome::NotParked]);
    }
    staff.discard_parked(&selection(&ids[1..], "another test")).await.unwrap();
    shop.settles().await;

    let audit = staff.parked_audit(10).await.unwrap().items;
    let me = staff.me().await.unwrap().id;
    assert!(audit.iter().all(|entry| entry.user_id == me));
    let actions: Vec<_> = audit.iter().map(|entry| (entry.action, entry.reason.as_deref())).collect();
    let (replay, discard) = (ParkedAction::Replay, ParkedAction::Discard);
    let expected =
        [(discard, Some("another test")), (discard, Some("a test")), (replay, None), (replay, None)];
    assert_eq!(actions, expected);
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let shop = Shop::start().await;
    let staff = shop.staff().await;
    shop.poisons("order_reserved", "m-1").await;
    shop.poisons("order_created", "m-2").await;
    let parked = shop.sees_parked(2).await;
    let filter = ParkedFilter { queue: Some("payment-worker".into()), ..ParkedFilter::default() };
    let dry = ParkedSelection { filter: Some(filter), dry_run: true, ..ParkedSelection::default() };

    let results = staff.replay_parked(&dry).await.unwrap();
    assert_eq!((results.dry_run, results.items.len()), (true, 1));
    assert_eq!(results.items[0].message_id.as_deref(), Some("m-1"));
    assert_eq!(outcomes(&staff.discard_parked(&dry).await.unwrap()), [ParkedOutcome::Discarded]);

    assert_eq!(shop.sees_parked(2).await, parked);
    assert!(staff.parked_audit(10).await.unwrap().items.is_empty());
    let neither = refusal(staff.replay_parked(&ParkedSelection::default()).await);
    assert_eq!((neither.status, neither.errors[0].pointer.as_str()), (422, "/ids"));
}

#[tokio::test]
async fn replaying_handled_messages_has_no_effect() {
    let shop = Shop::start().await;
    shop.records_events().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.reaches(Completed).await;
    let events = shop.recorded_events(order.id, 4).await;
    for (event, queue) in events.iter().zip(["order-processor", "payment-worker", "order-processor"]) {
        shop.broker().publish("park", queue, &event.properties, &event.payload).await.unwrap();
    }
    let found = shop.sees_parked(3).await;
    assert!(found.iter().all(|parked| parked.order_id == Some(order.id.to_string())));

    let back = shop.replays_all().await;

    assert!(back.iter().all(|message| message.outcome == ParkedOutcome::Replayed), "{back:?}");
    shop.worker_settles("order-processor", 4).await;
    shop.worker_settles("payment-worker", 2).await;
    assert_eq!(order.history().await, STATUSES_OF_A_GOOD_ORDER);
    assert!(order.account().await.holds_once(900));
    shop.stock_becomes(&tea, 8, 0).await;
    shop.settles().await;
}

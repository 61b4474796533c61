//! Fault 15: events are delivered several times and in random order.

use system_tests::{Load, Shop};

#[tokio::test]
async fn fault_15_events_are_delivered_several_times_and_in_random_order() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2).scale("payment-worker", 2)).await;
    let load = Load::on(&shop);
    let shuffle = shop.shuffles(load.seed()).await;
    load.runs().await.holds(&shop).await;
    let (events, copies) = shuffle.ends().await;
    println!("{events} events were delivered as {copies} copies");
    assert!(copies > events, "no event was delivered twice");
}

//! Fault 15: events come many times and in any order.

use system_tests::{Load, Shop};

#[tokio::test]
async fn fault_15_events_come_many_times_and_in_any_order() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2).scale("payment-worker", 2)).await;
    let load = Load::on(&shop);
    let shuffle = shop.shuffles(load.seed()).await;
    load.runs().await.holds(&shop).await;
    let (events, copies) = shuffle.ends().await;
    println!("{events} events came as {copies} copies");
    assert!(copies > events, "nothing came twice");
}

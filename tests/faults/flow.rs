//! Measures how soon orders progress again after a fault.

use std::time::Duration;
use system_tests::{Shop, within};
use tokio::time::Instant;

/// Orders must progress again this soon after a server is back.
pub(crate) const BACK_WITHIN: Duration = Duration::from_secs(10);

/// Waits until the workers change an order, and prints the time. `since` names the event before it.
pub(crate) async fn orders_flow(shop: &Shop, limit: Duration, since: &str) {
    let began = Instant::now();
    let before = moves(shop).await;
    within(limit, &format!("orders flow after {since}"), async || (moves(shop).await > before).then_some(()))
        .await;
    println!("orders flow {:.1} s after {since}", began.elapsed().as_secs_f64());
}

/// The number of status changes that need published and consumed events.
async fn moves(shop: &Shop) -> i64 {
    sqlx::query_scalar("select count(*) from order_events where body->>'status' in ('paid', 'completed')")
        .fetch_one(&shop.database("order-service"))
        .await
        .unwrap()
}

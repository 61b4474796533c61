//! How long it takes until orders move again.

use std::time::Duration;
use system_tests::{Shop, within};
use tokio::time::Instant;

/// After a server is back, orders flow within this.
pub(crate) const BACK_WITHIN: Duration = Duration::from_secs(10);

/// From now on, which is when something has come back, workers must soon move an order on. Says how soon.
pub(crate) async fn orders_flow(shop: &Shop, limit: Duration, since: &str) {
    let began = Instant::now();
    let before = moves(shop).await;
    within(limit, &format!("orders flow after {since}"), async || (moves(shop).await > before).then_some(()))
        .await;
    println!("orders flow {:.1} s after {since}", began.elapsed().as_secs_f64());
}

/// Steps that only an order takes whose events are published and consumed.
async fn moves(shop: &Shop) -> i64 {
    sqlx::query_scalar("select count(*) from order_events where body->>'status' in ('paid', 'completed')")
        .fetch_one(&shop.database("order-service"))
        .await
        .unwrap()
}

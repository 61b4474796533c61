//! Fault 5: the payment provider captures without an answer, or is unavailable.

use serde_json::json;
use system_tests::{Load, Shop, eventually};

#[tokio::test]
async fn fault_5_a_capture_is_never_answered() {
    let shop = Shop::start().await;
    shop.provider().has_faults(json!({ "timeout_after_capture": 12 })).await;
    Load::on(&shop).runs().await.holds(&shop).await;
}

#[tokio::test]
async fn fault_5_every_capture_is_answered_500() {
    let shop = Shop::start().await;
    shop.provider().has_faults(json!({ "error_after_capture": "all" })).await;
    Load::on(&shop).runs().await.holds(&shop).await;
}

#[tokio::test]
async fn fault_5_the_provider_is_unavailable_until_every_order_is_placed() {
    let shop = Shop::start().await;
    shop.provider().has_faults(json!({ "unavailable_percent": 100 })).await;
    let load = Load::on(&shop);
    let orders = load.size();
    let comes_back = async {
        eventually("every order is placed", async || (orders_placed(&shop).await == orders).then_some(()))
            .await;
        shop.provider().recovers().await;
    };
    load.during(comes_back).await.holds(&shop).await;
}

async fn orders_placed(shop: &Shop) -> usize {
    let placed: i64 = sqlx::query_scalar("select count(*) from orders")
        .fetch_one(&shop.database("order-service"))
        .await
        .unwrap();
    usize::try_from(placed).unwrap()
}

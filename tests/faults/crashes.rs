//! Processes that die at the worst moment.

use system_tests::{Load, Shop};

#[tokio::test]
async fn no_fault() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    Load::on(&shop).runs().await.holds(&shop).await;
}

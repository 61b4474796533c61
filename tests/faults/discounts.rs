//! Fault 28: discount-service is killed, stalls, or is away while orders use discounts.

use contract::orders::{
    OrderStatus::{Completed, New},
    RejectReason,
};
use std::time::Duration;
use system_tests::{Load, Mix, Shop, amount_off, unique};
use tokio::time::sleep;

/// The pause between two kills.
const PAUSE: Duration = Duration::from_millis(400);
const REPLICAS: usize = 2;

#[tokio::test]
async fn fault_28_five_hundred_orders_compete_for_a_limited_code() {
    const ORDERS: usize = 500;
    const LIMIT: i64 = 100;
    let shop = Shop::start_as(|system| {
        system.scale("order-processor", REPLICAS).scale("discount-service", REPLICAS)
    })
    .await;
    let fault = async {
        for round in 0..10 {
            for service in ["order-processor", "discount-service"] {
                sleep(PAUSE).await;
                let replica = 1 + round % REPLICAS;
                shop.stack().kill(service, replica).await.unwrap();
                shop.stack().launch(service, replica).unwrap();
            }
        }
    };
    let mix = Mix { with_code: 100, ..Mix::default() };
    let load = Load::on(&shop).orders(ORDERS, Duration::from_secs(8)).mix(mix).code_limit(LIMIT);
    load.during(fault).await.holds(&shop).await;

    let (used, rejected): (i64, i64) = (
        sqlx::query_scalar("SELECT used FROM promotions WHERE total_limit = $1")
            .bind(LIMIT)
            .fetch_one(&shop.database("discount-service"))
            .await
            .unwrap(),
        sqlx::query_scalar("SELECT count(*) FROM orders WHERE reason = $1")
            .bind(RejectReason::DiscountUnavailable.as_str())
            .fetch_one(&shop.database("order-service"))
            .await
            .unwrap(),
    );
    println!("{used} orders were paid with the code, {rejected} were rejected for it");
    assert!(used > 0 && rejected > 0, "{used} paid, {rejected} rejected");
}

#[tokio::test]
async fn fault_28_discount_service_stalls_while_orders_wait_for_their_price() {
    let shop = Shop::start().await;
    let fault = async {
        sleep(Duration::from_secs(2)).await;
        shop.stack().pause("discount-service", 1).unwrap();
        sleep(Duration::from_secs(8)).await;
        shop.stack().resume("discount-service", 1).unwrap();
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

#[tokio::test]
async fn fault_28_orders_wait_in_new_while_discount_service_is_away() {
    let shop = Shop::start().await;
    let (tea, ada) = (shop.sells("tea", 1_000, 10).await, shop.customer("ada").await);
    let code = unique("code");
    let promotion = shop.promotes(&amount_off(&code, 300, 1)).await;
    shop.stack().scale("discount-service", 0).await.unwrap();
    let order = ada.places(&[(&tea, 1)]).with_code(&code).await;
    shop.stock_becomes(&tea, 10, 1).await;
    assert_eq!(order.now().await.status, New, "an order without a price is not reserved");
    assert!(order.account().await.is_untouched());

    shop.stack().scale("discount-service", 1).await.unwrap();
    let completed = order.reaches(Completed).await;
    assert_eq!(completed.total.unwrap().amount_minor, 700);
    assert!(order.account().await.holds_once(700));
    assert_eq!(shop.uses(&promotion).await, 1);
}

//! Fault 16: customers cancel orders at every moment.

use contract::orders::OrderStatus::{Cancelled, Completed};
use std::time::Duration;
use system_tests::{Load, LoadOutcome, Mix, Shop, refusal};

#[tokio::test]
async fn fault_16_cancelled_at_random_moments() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2).scale("payment-worker", 2)).await;
    let mix = Mix {
        scarce: 0,
        pay_again: 0,
        cancel_after_decline: 0,
        cancel_later: 100,
        cancel_within: Duration::from_secs(2),
        with_code: 20,
    };
    Load::on(&shop).mix(mix).runs().await.holds(&shop).await;
}

/// The failpoints of the workers at which an order is cancelled.
const MOMENTS: [(&str, &str); 7] = [
    ("order-processor", "stock.reserved"),
    ("order-processor", "discounts.claimed"),
    ("order-processor", "consumer.handled"),
    ("payment-worker", "charge.started"),
    ("payment-worker", "charge.answered"),
    ("payment-worker", "charge.recorded"),
    ("payment-worker", "consumer.handled"),
];

#[tokio::test]
async fn fault_16_cancelled_at_each_moment_while_the_worker_is_dead() {
    let shop = Shop::start().await;
    let tea = shop.sells("tea", 450, 1000).await;
    let ada = shop.customer("ada").await;
    for (worker, moment) in MOMENTS {
        println!("cancelled at {moment} of {worker}");
        shop.dies(worker, moment, 0);
        shop.stack().restart(worker, 1).await.unwrap();
        let order = ada.places(&[(&tea, 2)]).await;
        shop.death_of(worker).await;

        // After the first worker has handled the order, the other worker may pay it before the cancellation.
        let end = match order.cancel().await {
            Ok(_) => Cancelled,
            late => {
                assert_eq!((refusal(late).status, moment), (409, "consumer.handled"));
                Completed
            }
        };
        shop.lives(worker);
        shop.stack().start(worker, 1).await.unwrap();
        order.reaches(end).await;
        LoadOutcome { diaries: Vec::new(), stock: [(tea.id, 1000)].into() }.holds(&shop).await;
    }
}

//! Fault 16: orders are cancelled at every moment of their way.

use common::contract::orders::OrderStatus::{self, Cancelled, Completed};
use std::time::Duration;
use system_tests::{Load, Mix, Played, Shop, refusal};

#[tokio::test]
async fn fault_16_cancelled_at_random_moments() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2).scale("payment-worker", 2)).await;
    let mix =
        Mix { scarce: 0, pay_again: 0, give_up: 0, call_off: 100, call_off_within: Duration::from_secs(2) };
    Load::on(&shop).mix(mix).runs().await.holds(&shop).await;
}

/// Each moment at which a worker may be, with how an order must end that is cancelled right then.
const MOMENTS: [(&str, &str, OrderStatus); 6] = [
    ("order-processor", "stock.reserved", Cancelled),
    ("order-processor", "consumer.handled", Cancelled),
    ("payment-worker", "charge.started", Cancelled),
    ("payment-worker", "charge.answered", Cancelled),
    ("payment-worker", "charge.recorded", Cancelled),
    // Too late: it is paid.
    ("payment-worker", "consumer.handled", Completed),
];

#[tokio::test]
async fn fault_16_cancelled_at_each_moment_while_the_worker_is_dead() {
    let shop = Shop::start().await;
    let tea = shop.sells("tea", 450, 1000).await;
    let ada = shop.customer("ada").await;
    for (worker, moment, end) in MOMENTS {
        println!("cancelled at {moment} of {worker}");
        shop.dies(worker, moment, 0);
        shop.stack().restart(worker, 1).await.unwrap();
        let order = ada.places(&[(&tea, 2)]).await;
        shop.death_of(worker).await;

        if end == Cancelled {
            order.cancel().await.unwrap();
        } else {
            refusal(order.cancel().await);
        }

        shop.lives(worker);
        shop.stack().start(worker, 1).await.unwrap();
        order.reaches(end).await;
        Played { diaries: Vec::new(), stock: [(tea.id, 1000)].into() }.holds(&shop).await;
    }
}

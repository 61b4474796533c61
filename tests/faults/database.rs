//! PostgreSQL stops, loses connections at the worst moment, and has no disk space left.

use rand::RngExt;
use std::time::Duration;
use system_tests::{LD_PRELOAD, Load, Shim, Shop, eventually};
use tokio::time::{Instant, sleep};

/// The load runs this long before the fault, so that orders are in every status.
const FAULT_DELAY: Duration = Duration::from_secs(3);
/// How long the server is unavailable.
const OUTAGE: Duration = Duration::from_secs(2);

#[tokio::test]
async fn fault_8_postgresql_is_killed_and_restarted() {
    let shop = Shop::start_as(|system| system.private_servers().scale("order-service", 2)).await;
    let postgres = shop.stack().servers().postgres().unwrap();
    let fault = async {
        sleep(FAULT_DELAY).await;
        postgres.kill().await;
        sleep(OUTAGE).await;
        postgres.start().await.unwrap();
        sleep(FAULT_DELAY).await;
        postgres.stop().await.unwrap();
        postgres.start().await.unwrap();
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

/// Some resets interrupt a COMMIT: the order exists, but its customer got no answer. The load repeats the
/// request with the same key, and the checker looks for keys with two orders.
#[tokio::test]
async fn fault_8_connections_are_lost_at_any_moment_of_a_transaction() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let databases = [
        shop.proxy("order-service", "ORDERS_DATABASE_URL").await,
        shop.proxy("catalog-service", "CATALOG_DATABASE_URL").await,
        shop.proxy("discount-service", "DISCOUNTS_DATABASE_URL").await,
        shop.proxy("payment-worker", "PAYMENTS_DATABASE_URL").await,
        shop.proxy("delivery-service", "DELIVERIES_DATABASE_URL").await,
    ];
    let load = Load::on(&shop);
    let mut rng = load.seed().rng(u64::MAX);
    let fault = async {
        let began = Instant::now();
        while began.elapsed() < 3 * FAULT_DELAY {
            sleep(Duration::from_millis(rng.random_range(20..400))).await;
            databases[rng.random_range(0..databases.len())].resets();
        }
    };
    load.during(fault).await.holds(&shop).await;
}

/// The network drops all data. Connections are neither refused nor closed, so only time limits detect the
/// fault.
#[tokio::test]
async fn fault_8_connections_silently_drop_all_data() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let databases = [
        shop.proxy("order-service", "ORDERS_DATABASE_URL").await,
        shop.proxy("catalog-service", "CATALOG_DATABASE_URL").await,
        shop.proxy("discount-service", "DISCOUNTS_DATABASE_URL").await,
        shop.proxy("payment-worker", "PAYMENTS_DATABASE_URL").await,
        shop.proxy("delivery-service", "DELIVERIES_DATABASE_URL").await,
    ];
    let fault = async {
        for database in &databases {
            sleep(FAULT_DELAY).await;
            database.becomes_black_hole();
            sleep(2 * FAULT_DELAY).await;
            database.forwards();
        }
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

#[tokio::test]
async fn fault_18_the_disk_is_full_and_is_freed() {
    let shop = Shop::start_as(|system| system.private_servers().scale("order-service", 2)).await;
    let postgres = shop.stack().servers().postgres().unwrap();
    let disk = Shim::of(include_str!("full_disk.c"));
    let full = disk.folder().join("full");
    postgres.set_env(LD_PRELOAD, disk.library());
    postgres.set_env("FULL_DISK", full.to_str().unwrap());
    postgres.stop().await.unwrap();
    postgres.start().await.unwrap();
    let fault = async {
        sleep(FAULT_DELAY).await;
        std::fs::write(&full, "").unwrap();
        let log = shop.stack().folder().log("postgres");
        eventually("PostgreSQL has no space left", async || {
            std::fs::read_to_string(&log).unwrap().contains("No space left on device").then_some(())
        })
        .await;
        sleep(OUTAGE).await;
        std::fs::remove_file(&full).unwrap();
        // PostgreSQL exits if it has no space for its log, as on a real disk. The test starts it again.
        if !postgres.is_running() {
            println!("PostgreSQL had exited");
            postgres.start().await.unwrap();
        }
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

//! Fault 22: PostgreSQL answers, but it is read-only, ends sessions, or refuses new connections.

use reqwest::Method;
use std::time::Duration;
use system_tests::{Load, Shop, answer, eventually};
use tokio::time::{Instant, sleep};

/// The load runs this long before the fault, so that orders are in every status.
const FAULT_DELAY: Duration = Duration::from_secs(3);
/// The length of the fault.
const FAULT_LENGTH: Duration = Duration::from_secs(5);
/// The services whose databases orders and their deliveries need.
const OWNERS: [&str; 5] =
    ["order-service", "catalog-service", "discount-service", "payment-worker", "delivery-service"];

/// As after a failover: sessions that began on a read-only server stay read-only after the server is
/// writable.
#[tokio::test]
async fn fault_22_postgresql_is_read_only_and_is_writable_again() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let fault = async {
        sleep(FAULT_DELAY).await;
        for service in OWNERS {
            alters(&shop, service, "SET default_transaction_read_only = on").await;
            ends_sessions(&shop, service).await;
        }
        refuses_orders(&shop, "PostgreSQL is read-only").await;
        sleep(FAULT_LENGTH).await;
        for service in OWNERS {
            alters(&shop, service, "RESET default_transaction_read_only").await;
        }
        for service in OWNERS {
            is_ready(&shop, service).await;
        }
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

#[tokio::test]
async fn fault_22_all_sessions_are_ended_five_times_a_second() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let fault = async {
        sleep(FAULT_DELAY).await;
        let began = Instant::now();
        while began.elapsed() < FAULT_LENGTH {
            for service in OWNERS {
                ends_sessions(&shop, service).await;
            }
            sleep(Duration::from_millis(200)).await;
        }
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

#[tokio::test]
async fn fault_22_postgresql_has_no_connection_left() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let fault = async {
        sleep(FAULT_DELAY).await;
        for service in OWNERS {
            alters(&shop, service, "CONNECTION LIMIT 1").await; // For the session of this test.
            ends_sessions(&shop, service).await;
        }
        refuses_orders(&shop, "PostgreSQL does not answer").await;
        sleep(FAULT_LENGTH).await;
        for service in OWNERS {
            alters(&shop, service, "CONNECTION LIMIT -1").await;
        }
        for service in OWNERS {
            is_ready(&shop, service).await;
        }
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

/// Alters the database of a service. The session of this test is older, so the change does not affect it.
async fn alters(shop: &Shop, service: &'static str, change: &str) {
    let database = shop.database(service);
    let name: String = sqlx::query_scalar("SELECT current_database()").fetch_one(&database).await.unwrap();
    let alter = format!("ALTER DATABASE {name} {change}");
    sqlx::query(sqlx::AssertSqlSafe(alter)).execute(&database).await.unwrap();
}

/// Ends all sessions of the database of a service, except the session of this test. Only a superuser could end an
/// autovacuum worker.
async fn ends_sessions(shop: &Shop, service: &'static str) {
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()
               AND backend_type = 'client backend'";
    sqlx::query(end).execute(&shop.database(service)).await.unwrap();
}

/// Waits until order-service is not ready for this reason. It must answer an order with 503 and
/// `Retry-After`.
async fn refuses_orders(shop: &Shop, reason: &str) {
    eventually("order-service is not ready", async || {
        let ready = answer(shop.request(Method::GET, "order-service", "/health/ready")).await;
        let detail = ready.body["detail"].as_str().unwrap_or_default();
        (ready.status == 503 && detail.contains(reason)).then_some(())
    })
    .await;
    // user-service still has its database.
    let customer = shop.customer("ada").await;
    let order = customer.places_items(&[(contract::ids::ProductId::new(), 1)]);
    let place = shop.request(Method::POST, "order-service", "/orders").bearer_auth(customer.token().await);
    let refused = answer(place.json(order.body())).await;
    assert!(!refused.is_problem(503).header("retry-after").is_empty());
}

async fn is_ready(shop: &Shop, service: &str) {
    eventually(&format!("{service} is ready again"), async || {
        let ready = answer(shop.request(Method::GET, service, "/health/ready")).await;
        (ready.status == 200).then_some(())
    })
    .await;
}

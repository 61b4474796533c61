//! Faults 20 and 21: bindings, queues, exchanges, users and permissions of the broker are lost under load and
//! restored.

use crate::flow::{BACK_WITHIN, orders_flow};
use contract::orders::OrderStatus::{Completed, Reserved};
use messaging::topology::{self, Object};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;
use system_tests::{Load, Shop, eventually};
use tokio::time::sleep;

/// The load runs this long before the fault, so that orders are in every status.
const FAULT_DELAY: Duration = Duration::from_secs(3);
/// The length of a refusal.
const OUTAGE: Duration = Duration::from_secs(5);
/// The length of the load. Customers place orders until the last service has its permissions back.
const LENGTH: Duration = Duration::from_secs(45);
/// The services that connect to the broker for orders.
const SERVICES: [&str; 3] = ["order-service", "order-processor", "payment-worker"];

async fn shop() -> Shop {
    Shop::start_as(|system| system.env("order-service", "NUDGE_AFTER_SECONDS", "2").scale("order-service", 2))
        .await
}

/// Closes all connections, so that RabbitMQ checks passwords and permissions again.
async fn end_connections(shop: &Shop) {
    for connection in shop.broker().connections().await.unwrap() {
        // The connection may have closed by itself.
        drop(shop.broker().close_connection(&connection.name).await);
    }
}

#[tokio::test]
async fn fault_20_lost_bindings_cost_time_only() {
    let shop = shop().await;
    let fault = async {
        for _ in 0..3 {
            sleep(FAULT_DELAY).await;
            for object in topology::everything() {
                if let Object::Binding { queue, exchange, key } = object {
                    let key = if key.is_empty() { "~" } else { key };
                    // The binding may be missing already, so an error is fine.
                    drop(shop.broker().unbind(exchange, queue, key).await);
                }
            }
        }
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
    // A reminder restores a binding at once, maybe before operations-service looks. Without orders there is none.
    let object = "binding orders → payment-worker (order_reserved)";
    drop(shop.broker().unbind("orders", "payment-worker", "order_reserved").await);
    eventually("operations-service has counted the repair", async || {
        let repairs = shop.counted("operations-service", "topology_repairs_total", object).await;
        (repairs > 0.0).then_some(())
    })
    .await;
    let lost = shop
        .log("operations-service", 1)
        .into_iter()
        .any(|line| line["level"] == "WARN" && line["object"] == object);
    assert!(lost, "operations-service has logged the loss");
}

#[tokio::test]
async fn fault_20_deleted_exchanges_and_queues_cost_time_only() {
    let shop = shop().await;
    let fault = async {
        for object in topology::everything() {
            match object {
                Object::Exchange { name, .. } => {
                    sleep(Duration::from_millis(300)).await;
                    drop(shop.broker().delete_exchange(name).await);
                }
                Object::Queue { name, .. } => {
                    sleep(Duration::from_millis(300)).await;
                    drop(shop.broker().delete_queue(name).await);
                }
                Object::Binding { .. } => {}
            }
        }
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
    let mut repairs = 0.0;
    for service in SERVICES {
        repairs += shop.counted(service, "topology_repairs_total", "").await;
    }
    assert!(repairs > 0.0, "no repair was counted");
}

#[tokio::test]
async fn fault_20_a_virtual_host_that_is_created_again_costs_time_only() {
    let shop = shop().await;
    let fault = async {
        sleep(FAULT_DELAY).await;
        shop.broker().delete_vhost().await.unwrap();
        sleep(OUTAGE).await;
        shop.stack().restore_broker().await.unwrap();
        orders_flow(&shop, BACK_WITHIN, "the virtual host is back").await;
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

#[tokio::test]
async fn fault_20_a_changed_password_costs_time_only() {
    let shop = shop().await;
    let fault = async {
        sleep(FAULT_DELAY).await;
        for service in SERVICES {
            shop.broker().set_password(service, "another").await.unwrap();
        }
        let detail = eventually("payment-worker is refused", async || {
            // RabbitMQ lists a new connection some seconds late.
            end_connections(&shop).await;
            reason_not_ready(&shop, "payment-worker", "ACCESS_REFUSED").await
        })
        .await;
        assert!(!detail.contains("another"), "{detail}");
        sleep(OUTAGE).await;
        shop.stack().restore_broker().await.unwrap();
        orders_flow(&shop, BACK_WITHIN, "the password is back").await;
    };
    Load::on(&shop).during(fault).await.holds(&shop).await;
}

#[tokio::test]
async fn fault_20_permissions_that_are_missing_for_a_while_cost_time_only() {
    let shop = shop().await;
    let fault = async {
        for service in SERVICES {
            sleep(FAULT_DELAY).await;
            shop.broker().revoke(service).await.unwrap();
            end_connections(&shop).await;
            sleep(OUTAGE).await;
            shop.stack().restore_broker().await.unwrap();
        }
        orders_flow(&shop, BACK_WITHIN, "the permissions are back").await;
    };
    Load::on(&shop).orders(400, LENGTH).during(fault).await.holds(&shop).await;
}

/// Waits until a service is not ready for a reason that contains this text.
async fn is_not_ready(shop: &Shop, service: &str, reason: &str) -> String {
    eventually(&format!("{service} is not ready: {reason}"), async || {
        reason_not_ready(shop, service, reason).await
    })
    .await
}

/// The reason why a service is not ready, if it contains this text.
async fn reason_not_ready(shop: &Shop, service: &str, reason: &str) -> Option<String> {
    // The service may not listen yet.
    let ready = shop.request(Method::GET, service, "/health/ready").send().await.ok()?;
    let detail = ready.json::<Value>().await.ok()?["detail"].as_str()?.to_owned();
    detail.contains(reason).then_some(detail)
}

#[tokio::test]
async fn fault_21_a_queue_with_other_arguments_stops_only_its_worker() {
    let shop = shop().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    shop.stack().stop("payment-worker", 1).await.unwrap();
    eventually("a classic queue replaces the quorum queue", async || {
        shop.broker().delete_queue("payment-worker").await.ok();
        // order-service may declare the quorum queue first.
        shop.broker().create_classic_queue("payment-worker").await.ok()
    })
    .await;
    shop.stack().launch("payment-worker", 1).unwrap();

    let migration = format!("rabbitmqctl --vhost '{}' delete_queue 'payment-worker'", shop.broker().vhost());
    // RabbitMQ names the first argument that differs, with the requested value and the present value.
    for words in ["inequivalent arg 'x-", "received the value", "current is", &migration] {
        is_not_ready(&shop, "payment-worker", words).await;
    }
    for service in ["payment-worker", "order-service"] {
        eventually(&format!("{service} logs the migration"), async || {
            let lines = shop.log(service, 1);
            lines.iter().any(|line| line.to_string().contains(&migration)).then_some(())
        })
        .await;
    }
    let order = ada.places(&[(&tea, 2)]).await;
    order.reaches(Reserved).await;

    shop.broker().delete_queue("payment-worker").await.unwrap();
    order.reaches(Completed).await;
    shop.settles().await;
}

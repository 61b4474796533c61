//! The system under test, and the injection of each fault.

use crate::fault::Fault;
use devstack::servers::AMQP_URL;
use serde_json::json;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use system_tests::{Proxy, Shop, unique};
use tokio::time::sleep;

/// Each process that a fault may kill.
pub(crate) const REPLICAS: [(&str, usize); 16] = [
    ("order-service", 1),
    ("order-service", 2),
    ("order-processor", 1),
    ("order-processor", 2),
    ("payment-worker", 1),
    ("payment-worker", 2),
    ("catalog-service", 1),
    ("catalog-service", 2),
    ("discount-service", 1),
    ("discount-service", 2),
    ("user-service", 1),
    ("payment-simulator", 1),
    ("operations-service", 1),
    ("delivery-service", 1),
    ("delivery-service", 2),
    ("carrier-simulator", 1),
];
/// The delay of a slow network, in each direction.
const SLOW: Duration = Duration::from_millis(40);

pub(crate) struct System {
    shop: Shop,
    brokers: Vec<Proxy>,
    databases: Vec<Proxy>,
    /// The ids of the messages that must be parked at the end.
    poison: Mutex<Vec<String>>,
}

impl System {
    pub(crate) async fn start() -> Self {
        let shop = Shop::start_as(|system| {
            let replicated = [
                "order-service",
                "order-processor",
                "payment-worker",
                "catalog-service",
                "discount-service",
                "delivery-service",
            ];
            replicated
                .into_iter()
                .fold(system.private_servers(), |system, service| system.scale(service, 2))
                .env("order-service", "NUDGE_AFTER_SECONDS", "15")
        })
        .await;
        let mut brokers = Vec::new();
        for service in
            ["order-service", "order-processor", "payment-worker", "operations-service", "delivery-service"]
        {
            brokers.push(shop.proxy(service, AMQP_URL).await);
        }
        let databases = vec![
            shop.proxy("order-service", "ORDERS_DATABASE_URL").await,
            shop.proxy("catalog-service", "CATALOG_DATABASE_URL").await,
            shop.proxy("discount-service", "DISCOUNTS_DATABASE_URL").await,
            shop.proxy("payment-worker", "PAYMENTS_DATABASE_URL").await,
            shop.proxy("operations-service", "OPERATIONS_DATABASE_URL").await,
            shop.proxy("delivery-service", "DELIVERIES_DATABASE_URL").await,
        ];
        Self { shop, brokers, databases, poison: Mutex::default() }
    }

    pub(crate) fn shop(&self) -> &Shop {
        &self.shop
    }

    pub(crate) fn poison(&self) -> Vec<String> {
        self.poison.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The number of orders, and the number of final orders. `None` while PostgreSQL is unavailable.
    pub(crate) async fn orders(&self) -> Option<(i64, i64)> {
        const ENDED: &str = "status in ('completed', 'cancelled', 'rejected', 'refunded')";
        let query = format!("select count(*), count(*) filter (where {ENDED}) from orders");
        let database = self.shop.database("order-service");
        sqlx::query_as(sqlx::AssertSqlSafe(query)).fetch_one(&database).await.ok()
    }

    /// Injects a fault, and undoes it after its time.
    pub(crate) async fn inject(&self, fault: Fault) {
        let stack = self.shop.stack();
        match fault {
            Fault::Kill((service, replica), outage) => {
                stack.kill(service, replica).await.unwrap();
                sleep(outage).await;
                stack.launch(service, replica).unwrap();
            }
            Fault::Restart((service, replica)) => {
                stack.stop(service, replica).await.unwrap();
                stack.launch(service, replica).unwrap();
            }
            Fault::Freeze((service, replica), outage) => {
                stack.pause(service, replica).unwrap();
                sleep(outage).await;
                stack.resume(service, replica).unwrap();
            }
            Fault::ResetBrokerConnections => self.brokers.iter().for_each(Proxy::resets),
            Fault::ResetDatabaseConnections => self.databases.iter().for_each(Proxy::resets),
            Fault::BlackHole(silence) => {
                self.brokers.iter().for_each(Proxy::becomes_black_hole);
                sleep(silence).await;
                self.brokers.iter().for_each(Proxy::forwards);
            }
            Fault::DatabaseBlackHole(silence) => {
                self.databases.iter().for_each(Proxy::becomes_black_hole);
                sleep(silence).await;
                self.databases.iter().for_each(Proxy::forwards);
            }
            Fault::SlowNetwork(time) => {
                self.proxies().for_each(|proxy| proxy.delays(SLOW));
                sleep(time).await;
                self.proxies().for_each(Proxy::forwards);
            }
            Fault::ProviderTimesOut(times) => {
                self.provider(json!({ "timeout_after_capture": times })).await;
            }
            Fault::ProviderIsUnavailable(outage) => {
                self.provider(json!({ "unavailable_percent": 100 })).await;
                sleep(outage).await;
                self.provider(json!({})).await;
            }
            servers => self.inject_into_servers(servers).await,
        }
    }

    async fn inject_into_servers(&self, fault: Fault) {
        let servers = self.shop.stack().servers();
        let (postgres, rabbitmq) = (servers.postgres().unwrap(), servers.rabbitmq().unwrap());
        match fault {
            Fault::KillBroker(outage) => {
                rabbitmq.kill().await;
                sleep(outage).await;
                rabbitmq.start().await.unwrap();
            }
            Fault::RestartBroker => {
                rabbitmq.stop().await.unwrap();
                rabbitmq.start().await.unwrap();
            }
            Fault::KillPostgres(outage) => {
                postgres.kill().await;
                sleep(outage).await;
                postgres.start().await.unwrap();
            }
            Fault::RestartPostgres => {
                postgres.stop().await.unwrap();
                postgres.start().await.unwrap();
            }
            Fault::MemoryAlarm(time) => {
                rabbitmq.control(&["set_vm_memory_high_watermark", "0.00001"]).await.unwrap();
                sleep(time).await;
                rabbitmq.control(&["set_vm_memory_high_watermark", "0.4"]).await.unwrap();
            }
            queues => self.inject_into_queues(queues).await,
        }
    }

    /// Injects a fault of a queue. The fault has no effect while the queue is missing.
    async fn inject_into_queues(&self, fault: Fault) {
        let broker = self.shop.broker();
        match fault {
            Fault::Purge(queue) => drop(broker.purge(queue).await),
            Fault::DeleteQueue(queue) => drop(broker.delete_queue(queue).await),
            Fault::ClosePushConnections => {
                for connection in broker.connections().await.unwrap_or_default() {
                    if connection.client_properties["connection_name"] == "order-service push" {
                        drop(broker.close_connection(&connection.name).await);
                    }
                }
            }
            Fault::Poison(queue) => {
                let id = unique("poison");
                let properties = json!({ "delivery_mode": 2, "message_id": id });
                if broker.publish("work", queue, &properties, "no sense").await.is_ok() {
                    self.poison.lock().unwrap_or_else(PoisonError::into_inner).push(id);
                }
            }
            other => unreachable!("{other} is injected elsewhere"),
        }
    }

    /// Undoes all network and provider faults. It does not wait until all processes are ready. The load
    /// waits.
    pub(crate) async fn recovers(&self) {
        self.proxies().for_each(Proxy::forwards);
        self.provider(json!({})).await;
    }

    /// Switches the provider's faults. It waits until the provider is ready, because a fault may have killed
    /// it.
    async fn provider(&self, faults: serde_json::Value) {
        self.shop.stack().wait_until_ready("payment-simulator", 1).await.unwrap();
        self.shop.provider().has_faults(faults).await;
    }

    fn proxies(&self) -> impl Iterator<Item = &Proxy> {
        self.brokers.iter().chain(&self.databases)
    }
}

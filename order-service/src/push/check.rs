//! Notices that events no longer reach this replica's queue.
//!
//! When the exchange [`ORDERS`] is deleted and declared again, the queue's binding is gone. The queue and its consumer stay, and
//! AMQP cannot ask for a binding. So while no events arrive, the replica publishes a message that its own queue must get.

use lapin::BasicProperties;
use messaging::{
    error::BrokerError,
    publisher::{Outgoing, Publisher, Verdict},
    topology::ORDERS,
};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tokio::time::sleep;
use uuid::Uuid;

/// The routing key of the messages that test the binding. No work queue takes them.
pub(super) const KEY: &str = "order_feed_check";
/// The silence after which a message is published, and the time that it may take to arrive.
const INTERVAL: Duration = Duration::from_secs(5);

/// Counts what arrives in the queue of this replica.
#[derive(Default)]
pub(super) struct Arrivals(AtomicU64);

impl Arrivals {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Returns when a message that RabbitMQ confirmed has not arrived in the queue.
pub(super) async fn until_unbound(publisher: &Publisher, arrivals: &Arrivals) -> BrokerError {
    loop {
        let before = arrivals.count();
        sleep(INTERVAL).await;
        if arrivals.count() != before || !is_published(publisher).await {
            continue;
        }
        sleep(INTERVAL).await;
        if arrivals.count() == before {
            return BrokerError::Unbound;
        }
    }
}

/// Publishes a message to all replicas. False while the broker is away or short of memory: that says nothing of a binding.
async fn is_published(publisher: &Publisher) -> bool {
    let message = Outgoing {
        exchange: ORDERS,
        routing_key: KEY.into(),
        mandatory: true,
        properties: BasicProperties::default().with_message_id(Uuid::now_v7().to_string().into()),
        body: Vec::new(),
    };
    // Unroutable: no replica's queue is bound.
    matches!(publisher.publish(message).await, Ok(Verdict::Confirmed | Verdict::Unroutable))
}

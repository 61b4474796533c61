//! Notices that events no longer reach this replica's queue.
//!
//! When the exchange [`ORDERS`] is deleted and declared again, the queue loses its binding. The queue and its
//! consumer remain, and AMQP has no method that checks a binding. So while no events arrive, the replica
//! publishes a message that its own queue must receive.

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

/// The routing key of the messages that test the binding. No work queue receives them.
pub(super) const KEY: &str = "order_feed_check";
/// The silence after which a message is published, and the time that it may take to arrive.
const INTERVAL: Duration = Duration::from_secs(5);

/// Counts the messages that arrive in the queue of this replica.
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

/// Returns as soon as a message that RabbitMQ confirmed did not arrive in the queue.
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

/// Publishes a message to all replicas. Returns `false` if the broker is unavailable or short of memory,
/// because the binding may then still exist.
async fn is_published(publisher: &Publisher) -> bool {
    let message = Outgoing {
        exchange: ORDERS,
        routing_key: KEY.into(),
        mandatory: true,
        properties: BasicProperties::default().with_message_id(Uuid::now_v7().to_string().into()),
        body: Vec::new(),
    };
    // Unroutable means that no replica's queue is bound.
    matches!(publisher.publish(message).await, Ok(Verdict::Confirmed | Verdict::Unroutable))
}

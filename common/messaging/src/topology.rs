//! All exchanges, queues and bindings. [`super::declaring`] declares them.
//!
//! The same arguments work on RabbitMQ 3.10 and 4.x. Each queue states its type and its delivery limit,
//! because the two releases have different defaults.

use contract::events::EventName;
use lapin::{
    Channel, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable, ShortString},
};
use std::{fmt, time::Duration};

/// Topic exchange of the events of orders. The routing key is the event's name.
pub const ORDERS: &str = "orders";
/// Topic exchange of the events of deliveries. The routing key is the event's name.
pub const DELIVERIES: &str = "deliveries";
/// Direct exchange that routes messages back into a work queue. The routing key is the queue's name.
pub const WORK: &str = "work";
/// Direct exchange that routes messages from a work queue into [`PARKING`]. The routing key is the name
/// of the work queue.
pub const PARK: &str = "park";
/// The queue of parked messages. operations-service moves them from there to its database.
pub const PARKING: &str = "parking";

/// Prefix of the names of the replicas' own queues.
pub const PUSH_PREFIX: &str = "push.";
/// Direct exchange for messages that a full push queue drops. The routing key is the name of that queue.
const PUSH_DROPPED: &str = "push.dropped";

/// RabbitMQ parks a message after this many deliveries without an answer. A delivery has no answer if its
/// consumer crashed or lost its connection.
const DELIVERY_LIMIT: i32 = 20;
/// Parking has no limit in practice, because RabbitMQ drops a message that reaches it. Without a value, RabbitMQ 4.x
/// would use 20.
const PARKING_DELIVERY_LIMIT: i32 = 1_000_000;
/// If a replica does not keep up, RabbitMQ drops the oldest events and sends the replica a message about
/// it (see [`declare_push_queues`]).
const PUSH_MAX_LENGTH: i32 = 10_000;

/// A queue that workers share.
#[derive(Debug, PartialEq, Eq)]
pub struct WorkQueue {
    /// The name of the queue, and the routing key of messages that come back to it.
    pub name: &'static str,
    /// The events that are routed to the queue.
    pub subscriptions: &'static [Subscription],
}

/// A subscription of a queue to events of one exchange.
#[derive(Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The exchange. The service that publishes to it declares it.
    pub exchange: &'static str,
    /// The names of the events, which are their routing keys.
    pub events: &'static [&'static str],
}

impl WorkQueue {
    /// Whether the queue takes events of this name from this exchange.
    #[must_use]
    pub fn takes(&self, exchange: &str, event: &str) -> bool {
        let mut subscriptions = self.subscriptions.iter();
        subscriptions
            .any(|subscription| subscription.exchange == exchange && subscription.events.contains(&event))
    }
}

/// The queue of order-processor, which reserves and releases stock and completes orders.
pub static ORDER_PROCESSOR: WorkQueue = WorkQueue {
    name: "order-processor",
    subscriptions: &[Subscription {
        exchange: ORDERS,
        events: &[
            EventName::Created.as_str(),
            EventName::Rejected.as_str(),
            EventName::Paid.as_str(),
            EventName::Cancelled.as_str(),
            EventName::Refunded.as_str(),
        ],
    }],
};

/// The queue of payment-worker, which charges and refunds.
pub static PAYMENT_WORKER: WorkQueue = WorkQueue {
    name: "payment-worker",
    subscriptions: &[Subscription {
        exchange: ORDERS,
        events: &[EventName::Reserved.as_str(), EventName::RefundRequested.as_str()],
    }],
};

/// The queue of delivery-service, which ships completed orders.
pub static DELIVERY_SERVICE: WorkQueue = WorkQueue {
    name: "delivery-service",
    subscriptions: &[Subscription { exchange: ORDERS, events: &[EventName::Completed.as_str()] }],
};

/// The work queues that every order depends on. The publisher of events declares them, too. Otherwise the
/// events before the first start of a worker would be lost.
pub static WORK_QUEUES: [&WorkQueue; 2] = [&ORDER_PROCESSOR, &PAYMENT_WORKER];

/// All work queues. Orders complete without those that are not in [`WORK_QUEUES`], so only their own services
/// declare them.
pub static ALL_WORK_QUEUES: [&WorkQueue; 3] = [&ORDER_PROCESSOR, &PAYMENT_WORKER, &DELIVERY_SERVICE];

/// A step of the retry ladder.
#[derive(Debug, PartialEq, Eq)]
pub struct RetryStep {
    /// The name of its queue. The fanout exchange of the same name is for workers of the previous release.
    pub name: &'static str,
    /// The topic exchange that routes to the queue. The routing key is the name of the work queue to which
    /// the message returns. So RabbitMQ can refuse a worker that names another worker's queue.
    pub exchange: &'static str,
    /// How long a message waits in the queue.
    pub delay: Duration,
}

/// How long a message waits after its first, second, third and fourth failure. After the fifth failure
/// it is parked. Each step has its own queue, because a quorum queue expires messages only at its head.
pub static RETRY_LADDER: [RetryStep; 4] = [
    RetryStep { name: "retry.5s", exchange: "again.5s", delay: Duration::from_secs(5) },
    RetryStep { name: "retry.30s", exchange: "again.30s", delay: Duration::from_secs(30) },
    RetryStep { name: "retry.5m", exchange: "again.5m", delay: Duration::from_mins(5) },
    RetryStep { name: "retry.30m", exchange: "again.30m", delay: Duration::from_mins(30) },
];

/// Whether one of [`WORK_QUEUES`] takes events of this name. If so, an event that reaches no queue is an error.
#[must_use]
pub fn has_work_queue(exchange: &str, event: &str) -> bool {
    WORK_QUEUES.iter().any(|queue| queue.takes(exchange, event))
}

/// An exchange, a queue or a binding.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// A durable exchange.
    Exchange {
        /// Its name.
        name: &'static str,
        /// How it routes.
        kind: ExchangeKind,
    },
    /// A durable queue.
    Queue {
        /// Its name.
        name: &'static str,
        /// Its arguments.
        arguments: FieldTable,
    },
    /// A route from an exchange to a queue.
    Binding {
        /// The queue.
        queue: &'static str,
        /// The exchange.
        exchange: &'static str,
        /// The routing key, or its pattern.
        key: &'static str,
    },
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exchange { name, .. } => write!(f, "exchange {name}"),
            Self::Queue { name, .. } => write!(f, "queue {name}"),
            Self::Binding { queue, exchange, key } => write!(f, "binding {exchange} → {queue} ({key})"),
        }
    }
}

impl Object {
    /// Creates the object if it is missing. RabbitMQ answers 406 if it exists with other arguments.
    pub(super) async fn declare(&self, channel: &Channel) -> lapin::Result<()> {
        match self {
            Self::Exchange { name, kind } => exchange(channel, name, kind.clone(), false).await,
            Self::Queue { name, arguments } => queue(channel, name, arguments.clone(), false).await,
            Self::Binding { queue, exchange, key } => bind(channel, queue, exchange, key).await,
        }
    }

    /// Fails with 404 and closes the channel if the object is missing. AMQP cannot look up a binding, so a
    /// binding never fails.
    pub(super) async fn look_up(&self, channel: &Channel) -> lapin::Result<()> {
        match self {
            Self::Exchange { name, kind } => exchange(channel, name, kind.clone(), true).await,
            Self::Queue { name, .. } => queue(channel, name, FieldTable::default(), true).await,
            Self::Binding { .. } => Ok(()),
        }
    }
}

/// All objects except the queues of single replicas. Each object comes after its dependencies.
#[must_use]
pub fn everything() -> Vec<Object> {
    let exchange = |name, kind| Object::Exchange { name, kind };
    // The target of dead-lettering must exist first.
    let parking = quorum().limit(PARKING_DELIVERY_LIMIT).reject_publish().arguments();
    let mut objects = vec![
        event_exchange(ORDERS),
        event_exchange(DELIVERIES),
        exchange(WORK, ExchangeKind::Direct),
        exchange(PARK, ExchangeKind::Direct),
        exchange(PUSH_DROPPED, ExchangeKind::Direct),
        Object::Queue { name: PARKING, arguments: parking },
    ];
    objects.extend(RETRY_LADDER.iter().flat_map(retry_step));
    objects.extend(WORK_QUEUES.into_iter().flat_map(of_work_queue));
    objects
}

/// The exchange to which a service publishes its events.
#[must_use]
pub const fn event_exchange(name: &'static str) -> Object {
    Object::Exchange { name, kind: ExchangeKind::Topic }
}

/// A work queue with its bindings. The exchanges and [`PARKING`] must exist.
#[must_use]
pub fn of_work_queue(work_queue: &WorkQueue) -> Vec<Object> {
    let name = work_queue.name;
    let bind = |queue, exchange, key| Object::Binding { queue, exchange, key };
    let arguments = quorum().limit(DELIVERY_LIMIT).dead_letter(PARK).key(name).arguments();
    let mut objects =
        vec![bind(PARKING, PARK, name), Object::Queue { name, arguments }, bind(name, WORK, name)];
    for Subscription { exchange, events } in work_queue.subscriptions {
        objects.extend(events.iter().map(|event| bind(name, exchange, event)));
    }
    objects
}

fn retry_step(step: &RetryStep) -> [Object; 5] {
    // Both exchanges keep the routing key, which is the name of the work queue.
    let delay = i32::try_from(step.delay.as_millis()).unwrap_or(i32::MAX);
    let arguments =
        quorum().limit(DELIVERY_LIMIT).number("x-message-ttl", delay).dead_letter(WORK).arguments();
    [
        Object::Exchange { name: step.exchange, kind: ExchangeKind::Topic },
        Object::Exchange { name: step.name, kind: ExchangeKind::Fanout },
        Object::Queue { name: step.name, arguments },
        Object::Binding { queue: step.name, exchange: step.exchange, key: "#" },
        Object::Binding { queue: step.name, exchange: step.name, key: "" },
    ]
}

/// The names of the queues of one replica. RabbitMQ deletes the queues when the connection ends.
pub struct PushQueues {
    /// The queue that gets every event.
    pub events: String,
    /// The queue that gets a message when the first queue was full and dropped events.
    pub dropped: String,
}

/// Declares a replica's own queues. They belong to this connection only, so `name` must be new for each
/// connection. The broker refuses the old name until it notices that the last connection is closed.
pub async fn declare_push_queues(channel: &Channel, name: &str) -> lapin::Result<PushQueues> {
    let options = QueueDeclareOptions { exclusive: true, ..QueueDeclareOptions::default() };
    let classic = |length| {
        let arguments = Arguments::default().text("x-queue-type", "classic");
        arguments.number("x-max-length", length).text("x-overflow", "drop-head")
    };
    let events = format!("{PUSH_PREFIX}{name}");
    let dropped = format!("{events}.dropped");
    let queues = PushQueues { events, dropped };
    let PushQueues { events, dropped } = &queues;
    // One message is enough to report that events were dropped.
    channel.queue_declare(short(dropped), options, classic(1).arguments()).await?;
    queues.bind_dropped(channel).await?;
    // Dead-letters at most once, because a classic queue can do no more. Both queues are on the node of
    // this connection.
    let arguments =
        classic(PUSH_MAX_LENGTH).text("x-dead-letter-exchange", PUSH_DROPPED).key(events).arguments();
    channel.queue_declare(short(events), options, arguments).await?;
    bind(channel, events, ORDERS, "#").await?;
    queues.bind_deliveries(channel).await?;
    Ok(queues)
}

impl PushQueues {
    /// Declares the exchange of deliveries and binds the queue to it. Idempotent.
    pub async fn bind_deliveries(&self, channel: &Channel) -> lapin::Result<()> {
        exchange(channel, DELIVERIES, ExchangeKind::Topic, false).await?;
        bind(channel, &self.events, DELIVERIES, "#").await
    }

    /// Declares the exchange of dropped messages and binds the queue to it. Idempotent.
    pub async fn bind_dropped(&self, channel: &Channel) -> lapin::Result<()> {
        exchange(channel, PUSH_DROPPED, ExchangeKind::Direct, false).await?;
        bind(channel, &self.dropped, PUSH_DROPPED, &self.events).await
    }
}

async fn exchange(channel: &Channel, name: &str, kind: ExchangeKind, passive: bool) -> lapin::Result<()> {
    let options = ExchangeDeclareOptions { durable: true, passive, ..ExchangeDeclareOptions::default() };
    channel.exchange_declare(short(name), kind, options, FieldTable::default()).await
}

async fn queue(channel: &Channel, name: &str, arguments: FieldTable, passive: bool) -> lapin::Result<()> {
    let options = QueueDeclareOptions { durable: true, passive, ..QueueDeclareOptions::default() };
    channel.queue_declare(short(name), options, arguments).await.map(drop)
}

async fn bind(channel: &Channel, queue: &str, exchange: &str, key: &str) -> lapin::Result<()> {
    channel
        .queue_bind(
            short(queue),
            short(exchange),
            short(key),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await
}

/// A short string has up to 255 bytes. All names here are constants or names of replicas, and far shorter.
fn short(name: &str) -> ShortString {
    ShortString::from(name)
}

/// A queue's arguments.
#[derive(Default)]
struct Arguments(FieldTable);

/// A quorum queue is replicated, and the broker confirms a message when it is on disk. A classic queue
/// confirms earlier.
fn quorum() -> Arguments {
    Arguments::default().text("x-queue-type", "quorum")
}

impl Arguments {
    fn text(mut self, name: &str, value: &str) -> Self {
        self.0.insert(short(name), AMQPValue::LongString(value.into()));
        self
    }

    fn number(mut self, name: &str, value: i32) -> Self {
        self.0.insert(short(name), AMQPValue::LongInt(value));
        self
    }

    fn limit(self, deliveries: i32) -> Self {
        self.number("x-delivery-limit", deliveries)
    }

    /// A full queue refuses new messages, and the publisher gets a negative confirm. The default would drop
    /// the oldest message.
    fn reject_publish(self) -> Self {
        self.text("x-overflow", "reject-publish")
    }

    /// Dead-letters at least once: a message leaves this queue only when the target has confirmed it. This
    /// needs `reject-publish`.
    fn dead_letter(self, exchange: &str) -> Self {
        self.text("x-dead-letter-exchange", exchange)
            .text("x-dead-letter-strategy", "at-least-once")
            .reject_publish()
    }

    fn key(self, key: &str) -> Self {
        self.text("x-dead-letter-routing-key", key)
    }

    fn arguments(self) -> FieldTable {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn an_event_is_routed_to_one_work_queue_at_most() {
        for event in EventName::ALL {
            let queues = WORK_QUEUES.iter().filter(|queue| queue.takes(ORDERS, event.as_str())).count();
            assert!(queues <= 1, "{event}");
            assert_eq!(has_work_queue(ORDERS, event.as_str()), queues == 1);
        }
    }

    #[test]
    fn the_retry_ladder_has_increasing_delays() {
        assert!(RETRY_LADDER.is_sorted_by_key(|step| step.delay));
    }

    #[test]
    fn the_asyncapi_document_lists_the_queues_and_their_events() {
        let document: serde_json::Value =
            serde_saphyr::from_str(include_str!("../../../docs/asyncapi.yaml")).unwrap();
        let channels = &document["channels"];
        for WorkQueue { name, subscriptions } in WORK_QUEUES {
            let messages = channels[*name]["messages"].as_object().unwrap();
            let documented: BTreeSet<_> = messages.keys().map(String::as_str).collect();
            let bound = subscriptions.iter().flat_map(|subscription| subscription.events).copied().collect();
            assert_eq!(documented, bound, "{name}");
            let queue = &channels[*name]["bindings"]["amqp"]["queue"];
            assert_eq!((&queue["name"], &queue["durable"]), (&json!(name), &json!(true)));
        }
        assert_eq!(channels["orders"]["bindings"]["amqp"]["exchange"]["name"], ORDERS);
        assert_eq!(channels["parking"]["bindings"]["amqp"]["queue"]["name"], PARKING);
    }
}

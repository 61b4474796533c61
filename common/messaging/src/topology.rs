//! Every exchange, queue and binding there is. [`super::declaring`] declares them.
//!
//! The same arguments work on RabbitMQ 3.10 and 4.x. A queue's type and delivery limit are always
//! said, because their defaults differ between the two.

use contract::events::EventName;
use lapin::{
    Channel, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable, ShortString},
};
use std::{fmt, time::Duration};

/// Topic exchange of all events; the routing key is the event's name.
pub const ORDERS: &str = "orders";
/// Direct exchange that leads back into a work queue, by its name.
pub const WORK: &str = "work";
/// Direct exchange that leads from a work queue, by its name, into [`PARKING`].
pub const PARK: &str = "park";
/// The queue of parked messages. operations-service moves them from there to its database.
pub const PARKING: &str = "parking";

/// The names of replicas' own queues begin with this.
pub const PUSH_PREFIX: &str = "push.";
/// Direct exchange that takes the messages that a full push queue drops, under the queue's name.
const PUSH_DROPPED: &str = "push.dropped";

/// A message that was delivered this often and never settled has killed its consumer each time, or
/// lost it; RabbitMQ parks it.
const DELIVERY_LIMIT: i32 = 20;
/// Parking has no limit in practice, because RabbitMQ drops a message that reaches it. Without a limit, 4.x would take 20.
const PARKING_DELIVERY_LIMIT: i32 = 1_000_000;
/// Where a replica does not keep up, RabbitMQ drops the oldest events, and tells it so (see [`declare_push_queues`]).
const PUSH_MAX_LENGTH: i32 = 10_000;

/// A queue that workers share.
#[derive(Debug, PartialEq, Eq)]
pub struct WorkQueue {
    /// Its name, also the routing key by which messages come back to it.
    pub name: &'static str,
    /// The events it takes.
    pub events: &'static [EventName],
}

/// Reserves, completes, releases.
pub static ORDER_PROCESSOR: WorkQueue = WorkQueue {
    name: "order-processor",
    events: &[EventName::Created, EventName::Paid, EventName::Cancelled, EventName::Refunded],
};

/// Charges and refunds.
pub static PAYMENT_WORKER: WorkQueue =
    WorkQueue { name: "payment-worker", events: &[EventName::Reserved, EventName::RefundRequested] };

/// The work queues that an order needs on its way. Whoever publishes events declares them too:
/// otherwise an event that is published before its first consumer has come would go nowhere. A
/// service that only listens, such as notifications, declares its own queue and is not named here.
pub static WORK_QUEUES: [&WorkQueue; 2] = [&ORDER_PROCESSOR, &PAYMENT_WORKER];

/// A step of the retry ladder.
#[derive(Debug, PartialEq, Eq)]
pub struct RetryStep {
    /// The name of its queue. The fanout exchange of the same name is for workers of the release before.
    pub name: &'static str,
    /// The topic exchange that leads into the queue. The routing key is the name of the work queue to come back to, so
    /// that RabbitMQ can refuse a worker that names another worker's queue.
    pub exchange: &'static str,
    /// How long a message waits there.
    pub delay: Duration,
}

/// How long a message waits after its first, second, third and fourth failure; after the fifth it
/// is parked. Each step has a queue of its own, because a quorum queue expires messages only at its
/// head.
pub static RETRY_LADDER: [RetryStep; 4] = [
    RetryStep { name: "retry.5s", exchange: "again.5s", delay: Duration::from_secs(5) },
    RetryStep { name: "retry.30s", exchange: "again.30s", delay: Duration::from_secs(30) },
    RetryStep { name: "retry.5m", exchange: "again.5m", delay: Duration::from_mins(5) },
    RetryStep { name: "retry.30m", exchange: "again.30m", delay: Duration::from_mins(30) },
];

/// Whether a worker waits for events of this name, so that they must not be published into nothing.
#[must_use]
pub fn is_worked_on(name: &str) -> bool {
    WORK_QUEUES.iter().flat_map(|queue| queue.events).any(|event| event.as_str() == name)
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
    /// The way from an exchange into a queue.
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
    /// Creates it where it is missing. RabbitMQ refuses with 406 where it exists with other arguments.
    pub(super) async fn declare(&self, channel: &Channel) -> lapin::Result<()> {
        match self {
            Self::Exchange { name, kind } => exchange(channel, name, kind.clone(), false).await,
            Self::Queue { name, arguments } => queue(channel, name, arguments.clone(), false).await,
            Self::Binding { queue, exchange, key } => bind(channel, queue, exchange, key).await,
        }
    }

    /// Fails with 404, which closes the channel, where it is missing. AMQP has no such question for a binding.
    pub(super) async fn look_up(&self, channel: &Channel) -> lapin::Result<()> {
        match self {
            Self::Exchange { name, kind } => exchange(channel, name, kind.clone(), true).await,
            Self::Queue { name, .. } => queue(channel, name, FieldTable::default(), true).await,
            Self::Binding { .. } => Ok(()),
        }
    }
}

/// Everything but the queues of single replicas, each object behind those that it needs.
#[must_use]
pub fn everything() -> Vec<Object> {
    let exchange = |name, kind| Object::Exchange { name, kind };
    // Dead-lettering needs its target to be there first.
    let parking = quorum().limit(PARKING_DELIVERY_LIMIT).reject_publish().arguments();
    let mut objects = vec![
        exchange(ORDERS, ExchangeKind::Topic),
        exchange(WORK, ExchangeKind::Direct),
        exchange(PARK, ExchangeKind::Direct),
        exchange(PUSH_DROPPED, ExchangeKind::Direct),
        Object::Queue { name: PARKING, arguments: parking },
    ];
    objects.extend(RETRY_LADDER.iter().flat_map(retry_step));
    objects.extend(WORK_QUEUES.into_iter().flat_map(of_work_queue));
    objects
}

/// A work queue with its bindings. The exchanges and [`PARKING`] must be there.
#[must_use]
pub fn of_work_queue(work_queue: &WorkQueue) -> Vec<Object> {
    let name = work_queue.name;
    let bind = |queue, exchange, key| Object::Binding { queue, exchange, key };
    let arguments = quorum().limit(DELIVERY_LIMIT).dead_letter(PARK).key(name).arguments();
    let mut objects =
        vec![bind(PARKING, PARK, name), Object::Queue { name, arguments }, bind(name, WORK, name)];
    objects.extend(work_queue.events.iter().map(|event| bind(name, ORDERS, event.as_str())));
    objects
}

fn retry_step(step: &RetryStep) -> [Object; 5] {
    // Both exchanges keep the routing key, which is the name of the queue to come back to.
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

/// The queues of one replica, which go with its connection.
pub struct PushQueues {
    /// Gets every event.
    pub events: String,
    /// Gets a message when the other queue has dropped some: it is full, or was.
    pub dropped: String,
}

/// Declares a replica's own queues. `name` must be new for each connection: the broker may not have noticed yet that the
/// last one is gone, and refuses its exclusive queue to the next.
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
    // One message is enough to say that something was dropped.
    channel.queue_declare(short(dropped), options, classic(1).arguments()).await?;
    queues.bind_dropped(channel).await?;
    // At most once: a classic queue has no other way, and both queues are on the node of this connection.
    let arguments =
        classic(PUSH_MAX_LENGTH).text("x-dead-letter-exchange", PUSH_DROPPED).key(events).arguments();
    channel.queue_declare(short(events), options, arguments).await?;
    bind(channel, events, ORDERS, "#").await?;
    Ok(queues)
}

impl PushQueues {
    /// Declares the exchange of dropped messages and binds the queue to it. Does nothing where that was done already.
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

/// Names here are constants or a replica's name: all far below the 255 bytes of a short string.
fn short(name: &str) -> ShortString {
    ShortString::from(name)
}

/// A queue's arguments.
#[derive(Default)]
struct Arguments(FieldTable);

/// Replicated, and on disk before the broker confirms; a classic queue confirms before that.
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

    /// A full queue refuses, and the publisher is told; the default would drop the oldest message.
    fn reject_publish(self) -> Self {
        self.text("x-overflow", "reject-publish")
    }

    /// At least once: the message leaves this queue only when the target has confirmed it. Needs
    /// `reject-publish`.
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
    fn an_event_is_worked_on_by_one_queue_at_most() {
        for event in EventName::ALL {
            let takers = WORK_QUEUES.iter().filter(|queue| queue.events.contains(&event)).count();
            assert!(takers <= 1, "{event}");
            assert_eq!(is_worked_on(event.as_str()), takers == 1);
        }
    }

    #[test]
    fn the_ladder_rises() {
        assert!(RETRY_LADDER.is_sorted_by_key(|step| step.delay));
    }

    #[test]
    fn the_asyncapi_document_lists_the_queues_and_their_events() {
        let document: serde_json::Value =
            serde_saphyr::from_str(include_str!("../../../docs/asyncapi.yaml")).unwrap();
        let channels = &document["channels"];
        for WorkQueue { name, events } in WORK_QUEUES {
            let messages = channels[*name]["messages"].as_object().unwrap();
            let documented: BTreeSet<_> = messages.keys().map(String::as_str).collect();
            let bound = events.iter().map(|event| event.as_str()).collect();
            assert_eq!(documented, bound, "{name}");
            let queue = &channels[*name]["bindings"]["amqp"]["queue"];
            assert_eq!((&queue["name"], &queue["durable"]), (&json!(name), &json!(true)));
        }
        assert_eq!(channels["orders"]["bindings"]["amqp"]["exchange"]["name"], ORDERS);
        assert_eq!(channels["parking"]["bindings"]["amqp"]["queue"]["name"], PARKING);
    }
}

//! Duplicates events and delivers them in random order.

use crate::{seed::Seed, shop::Shop};
use futures_util::StreamExt;
use lapin::{
    BasicProperties, Channel, Connection, Consumer,
    message::Delivery,
    options::{BasicConsumeOptions, BasicPublishOptions, QueueBindOptions, QueueDeclareOptions},
    types::FieldTable,
};
use messaging::{
    connection::{Broker, BrokerOptions},
    topology::{ORDERS, Subscription, WORK, WORK_QUEUES},
};
use rand::{RngExt, rngs::StdRng};
use std::{collections::HashSet, time::Duration};
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{interval, sleep},
};

/// The largest number of copies of an event in its work queue. The smallest is one.
const COPIES: usize = 3;
/// The longest delay of a copy.
const DELAY: Duration = Duration::from_millis(800);
/// The interval between two unbindings. They are repeated because a worker that connects again binds its
/// queue.
const UNBIND_EVERY: Duration = Duration::from_millis(500);
/// The queue that receives the events instead of the work queues.
const QUEUE: &str = "test.shuffle";

/// A task between the exchange of events and the work queues. It runs until [`Self::ends`].
pub struct Shuffle {
    task: JoinHandle<(usize, usize)>,
    end: oneshot::Sender<()>,
}

struct Shuffler {
    // The exclusive queue exists as long as this connection.
    _connection: Connection,
    channel: Channel,
    rng: StdRng,
    /// The ids of the received events. An event with a known id is one of the copies.
    seen: HashSet<String>,
    copies: usize,
}

impl Shop {
    /// Starts to shuffle. Each event reaches its work queue one to three times, late and in random order. The
    /// sockets receive each event twice.
    pub async fn shuffles(&self, seed: Seed) -> Shuffle {
        let amqp_url = self.stack().amqp_url().expect("the broker's address").as_str().parse();
        let options = BrokerOptions { amqp_url: amqp_url.expect("the address of a broker") };
        let broker = Broker::new(&options, "shuffle");
        let (connection, channel) = broker.connect("shuffle").await.expect("connect");
        let events = consume_events(&channel).await;
        let shuffler = Shuffler {
            _connection: connection,
            channel,
            rng: seed.rng(u64::MAX),
            seen: HashSet::new(),
            copies: 0,
        };
        shuffler.unbind().await;
        let (end, ended) = oneshot::channel();
        Shuffle { task: tokio::spawn(shuffler.run(events, ended)), end }
    }
}

impl Shuffle {
    /// Ends the task. Returns the number of received events and the number of published copies.
    pub async fn ends(self) -> (usize, usize) {
        self.end.send(()).expect("the task runs");
        self.task.await.expect("the task does not panic")
    }
}

async fn consume_events(channel: &Channel) -> Consumer {
    let options = QueueDeclareOptions { exclusive: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(QUEUE.into(), options, FieldTable::default()).await.expect("declare a queue");
    let bind = channel.queue_bind(
        QUEUE.into(),
        ORDERS.into(),
        "#".into(),
        QueueBindOptions::default(),
        FieldTable::default(),
    );
    bind.await.expect("bind it");
    let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
    let consume = channel.basic_consume(QUEUE.into(), "".into(), options, FieldTable::default());
    consume.await.expect("consume")
}

impl Shuffler {
    async fn run(mut self, mut events: Consumer, mut end: oneshot::Receiver<()>) -> (usize, usize) {
        let mut unbind = interval(UNBIND_EVERY);
        loop {
            tokio::select! {
                event = events.next() => self.scatter(&event.expect("a queue").expect("a connection")),
                _ = unbind.tick() => self.unbind().await,
                _ = &mut end => return (self.seen.len(), self.copies),
            }
        }
    }

    /// Unbinds the work queues from the exchange.
    async fn unbind(&self) {
        for queue in WORK_QUEUES {
            for Subscription { exchange, events } in queue.subscriptions {
                for event in *events {
                    let (name, from, key) = (queue.name.into(), (*exchange).into(), (*event).into());
                    let unbind = self.channel.queue_unbind(name, from, key, FieldTable::default());
                    unbind.await.expect("unbind a queue");
                }
            }
        }
    }

    fn scatter(&mut self, event: &Delivery) {
        let id = event.properties.message_id().as_ref().map(ToString::to_string).unwrap_or_default();
        if !self.seen.insert(id) {
            return;
        }
        let name = event.routing_key.to_string();
        let worker = WORK_QUEUES.into_iter().find(|queue| queue.takes(ORDERS, &name));
        let for_worker = worker.map(|queue| {
            let copies = self.rng.random_range(1..=COPIES);
            std::iter::repeat_n((WORK, queue.name.to_owned()), copies)
        });
        for destination in for_worker.into_iter().flatten().chain([(ORDERS, name)]) {
            self.copies += 1;
            let delay = DELAY.mul_f64(self.rng.random());
            let (properties, body) = (event.properties.clone(), event.data.clone());
            tokio::spawn(publish(self.channel.clone(), delay, destination, properties, body));
        }
    }
}

async fn publish(
    channel: Channel,
    delay: Duration,
    (exchange, key): (&'static str, String),
    properties: BasicProperties,
    body: Vec<u8>,
) {
    sleep(delay).await;
    let options = BasicPublishOptions::default();
    let publish = channel.basic_publish(exchange.into(), key.into(), options, &body, properties);
    publish.await.expect("publish a copy");
}

//! Routes events to the WebSockets of this replica.

use contract::{
    deliveries::DeliveryEvent,
    events::OrderEvent,
    ids::{OrderId, UserId},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{
    mpsc::{self, Receiver, Sender},
    watch,
};

/// The number of events that may wait for one socket. If there are more, its client reads too slowly. Events
/// of this replica's own commits come twice, from memory and from the broker.
const QUEUE_CAPACITY: usize = 512;

/// A topic that a socket may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// All orders of a user.
    User(UserId),
    /// One order.
    Order(OrderId),
}

/// A message to a socket.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// An event of an order that the socket follows. It may be a duplicate, and it may be out of order.
    Event(Arc<OrderEvent>),
    /// An event of the delivery of an order that the socket follows. It may be a duplicate, and it may be out
    /// of order.
    Delivery(Arc<DeliveryEvent>),
    /// An order that the socket follows has an event that this replica cannot read. The socket looks up the
    /// order.
    Changed(OrderId),
    /// Events may have been missed. The socket catches up from the database.
    Resync,
}

/// The sockets of this replica. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Hub(Arc<Inner>);

#[derive(Default)]
struct Inner {
    next_id: AtomicU64,
    sockets: Mutex<Sockets>,
    /// Every event marks it as changed, while a socket of staff watches all orders.
    changes: watch::Sender<()>,
}

#[derive(Default)]
struct Sockets {
    queues: HashMap<u64, Sender<News>>,
    followers: HashMap<Topic, Vec<u64>>,
}

/// The membership of a socket in the hub. Dropping it removes the socket.
pub(crate) struct Membership {
    hub: Hub,
    id: u64,
    topics: Vec<Topic>,
}

impl Hub {
    /// Adds a socket, which follows no topic at first. Its queue ends if the socket reads too slowly.
    pub(crate) fn join(&self) -> (Membership, Receiver<News>) {
        let (sender, receiver) = mpsc::channel(QUEUE_CAPACITY);
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        self.lock().queues.insert(id, sender);
        metrics::gauge!("sockets").increment(1);
        (Membership { hub: self.clone(), id, topics: Vec::new() }, receiver)
    }

    /// Returns a receiver that is marked as changed when any order of the shop changes or events may have
    /// been missed. Several events cause only one mark.
    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.0.changes.subscribe()
    }

    /// If no socket watches, this only reads a counter.
    fn mark_changed(&self) {
        if self.0.changes.receiver_count() > 0 {
            self.0.changes.send_replace(());
        }
    }

    /// Sends an event to the sockets that follow its order or its user.
    pub(crate) fn publish(&self, event: &Arc<OrderEvent>) {
        self.mark_changed();
        self.send(event.user_id, event.order_id, || News::Event(Arc::clone(event)));
    }

    /// Sends an event of a delivery to the sockets that follow its order or its user.
    pub(crate) fn publish_delivery(&self, event: &Arc<DeliveryEvent>) {
        self.send(event.user_id, event.order_id, || News::Delivery(Arc::clone(event)));
    }

    /// Tells the sockets that follow this order or user to read the order from the database. Used if this
    /// replica cannot read the event.
    pub(crate) fn changed(&self, user: UserId, order: OrderId) {
        self.mark_changed();
        self.send(user, order, || News::Changed(order));
    }

    fn send(&self, user: UserId, order: OrderId, news: impl Fn() -> News) {
        let mut sockets = self.lock();
        let mut slow = Vec::new();
        for topic in [Topic::User(user), Topic::Order(order)] {
            for id in sockets.followers.get(&topic).into_iter().flatten() {
                let Some(queue) = sockets.queues.get(id) else { continue };
                if queue.try_send(news()).is_err() {
                    slow.push(*id);
                }
            }
        }
        sockets.close(&slow);
    }

    /// Makes all sockets catch up from the database, because events may have been missed.
    pub(crate) fn resync(&self) {
        self.mark_changed();
        let mut sockets = self.lock();
        let slow: Vec<_> = sockets
            .queues
            .iter()
            .filter(|(_, queue)| queue.try_send(News::Resync).is_err())
            .map(|(id, _)| *id)
            .collect();
        sockets.close(&slow);
    }

    /// No code panics while it holds the lock, so a poisoned lock can be used.
    fn lock(&self) -> MutexGuard<'_, Sockets> {
        self.0.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sockets {
    /// Removes a socket from the followers of a topic.
    fn forget(&mut self, socket: u64, topic: Topic) {
        if let Some(followers) = self.followers.get_mut(&topic) {
            followers.retain(|id| *id != socket);
            if followers.is_empty() {
                self.followers.remove(&topic);
            }
        }
    }

    /// Ends the queues of sockets that read too slowly. Each of them then closes itself.
    fn close(&mut self, slow: &[u64]) {
        for id in slow {
            if self.queues.remove(id).is_some() {
                metrics::counter!("sockets_too_slow_total").increment(1);
            }
        }
    }
}

impl Membership {
    /// Follows a topic from now on.
    pub(crate) fn follow(&mut self, topic: Topic) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
            self.hub.lock().followers.entry(topic).or_default().push(self.id);
        }
    }

    /// Returns whether the socket follows this topic.
    pub(crate) fn follows(&self, topic: Topic) -> bool {
        self.topics.contains(&topic)
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let mut sockets = self.hub.lock();
        sockets.queues.remove(&self.id);
        for topic in &self.topics {
            sockets.forget(self.id, *topic);
        }
        metrics::gauge!("sockets").decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{
        events::{Change, SCHEMA},
        ids::EventId,
        orders::OrderStatus,
    };

    fn event(user_id: UserId, order_id: OrderId) -> Arc<OrderEvent> {
        Arc::new(OrderEvent {
            id: EventId::new(),
            schema: SCHEMA,
            order_id,
            user_id,
            version: 1,
            status: OrderStatus::Completed,
            at: chrono::Utc::now(),
            change: Change::Completed {},
        })
    }

    #[test]
    fn an_event_reaches_only_its_user_and_the_followers_of_its_order() {
        let hub = Hub::default();
        let (user, order) = (UserId::new(), OrderId::new());
        let (mut owner, mut owners) = hub.join();
        owner.follow(Topic::User(user));
        let (mut staff, mut of_order) = hub.join();
        staff.follow(Topic::Order(order));
        let (mut other, mut others) = hub.join();
        other.follow(Topic::User(UserId::new()));

        hub.publish(&event(user, order));
        assert!(owners.try_recv().is_ok() && of_order.try_recv().is_ok());
        assert!(others.try_recv().is_err());
    }

    #[test]
    fn the_queue_of_a_slow_socket_ends() {
        let hub = Hub::default();
        let user = UserId::new();
        let (mut membership, mut news) = hub.join();
        membership.follow(Topic::User(user));
        for _ in 0..=QUEUE_CAPACITY {
            hub.publish(&event(user, OrderId::new()));
        }
        let mut received = 0;
        while news.try_recv().is_ok() {
            received += 1;
        }
        assert_eq!(received, QUEUE_CAPACITY);
        assert!(news.is_closed());
    }

    #[test]
    fn several_events_cause_one_mark() {
        let hub = Hub::default();
        hub.publish(&event(UserId::new(), OrderId::new()));
        let mut changes = hub.watch();
        assert!(!changes.has_changed().unwrap(), "earlier events do not count");
        for _ in 0..2 * QUEUE_CAPACITY {
            hub.publish(&event(UserId::new(), OrderId::new()));
        }
        assert!(changes.has_changed().unwrap());
        changes.mark_unchanged();
        assert!(!changes.has_changed().unwrap());
        hub.changed(UserId::new(), OrderId::new());
        assert!(changes.has_changed().unwrap());
        changes.mark_unchanged();
        hub.resync();
        assert!(changes.has_changed().unwrap());
        drop(changes);
        assert_eq!(hub.0.changes.receiver_count(), 0);
    }

    #[test]
    fn a_dropped_membership_leaves_no_entries() {
        let hub = Hub::default();
        let (mut membership, _news) = hub.join();
        membership.follow(Topic::Order(OrderId::new()));
        drop(membership);
        let sockets = hub.lock();
        assert!(sockets.queues.is_empty() && sockets.followers.is_empty());
    }
}

//! Which sockets of this replica want which events.

use contract::{
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

/// Events that may wait for one socket; more, and its client reads too slowly. What this replica commits comes twice: from
/// itself, and from the broker.
const QUEUE: usize = 512;

/// What a socket may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// All orders of a user.
    User(UserId),
    /// One order.
    Order(OrderId),
}

/// What a socket is told.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// Something happened to an order that it follows; perhaps a second time, perhaps not in order.
    Event(Arc<OrderEvent>),
    /// Something happened to an order that it follows, which this replica cannot read: look it up.
    Changed(OrderId),
    /// Something may have been missed: look it up.
    Resync,
}

/// The sockets of this replica. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Hub(Arc<Inner>);

#[derive(Default)]
struct Inner {
    next_id: AtomicU64,
    sockets: Mutex<Sockets>,
    /// Marked as changed by every event, while a socket of staff watches all orders.
    changes: watch::Sender<()>,
}

#[derive(Default)]
struct Sockets {
    queues: HashMap<u64, Sender<News>>,
    followers: HashMap<Topic, Vec<u64>>,
}

/// A socket's place in the hub, until it is dropped.
pub(crate) struct Membership {
    hub: Hub,
    id: u64,
    topics: Vec<Topic>,
}

impl Hub {
    /// Takes in a socket that follows nothing yet. Its queue ends when it reads too slowly.
    pub(crate) fn join(&self) -> (Membership, Receiver<News>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        self.lock().queues.insert(id, sender);
        metrics::gauge!("sockets").increment(1);
        (Membership { hub: self.clone(), id, topics: Vec::new() }, receiver)
    }

    /// Is marked as changed whenever something happened to any order of the shop, or may have been missed. However many
    /// events there are, they are one mark.
    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.0.changes.subscribe()
    }

    /// Without a watching socket, an event costs one look at a counter.
    fn mark_changed(&self) {
        if self.0.changes.receiver_count() > 0 {
            self.0.changes.send_replace(());
        }
    }

    /// Hands an event to the sockets that follow its order or its user.
    pub(crate) fn publish(&self, event: &Arc<OrderEvent>) {
        self.tell(event.user_id, event.order_id, || News::Event(Arc::clone(event)));
    }

    /// Tells the sockets that follow this order or user of an event that this replica cannot read.
    pub(crate) fn changed(&self, user: UserId, order: OrderId) {
        self.tell(user, order, || News::Changed(order));
    }

    fn tell(&self, user: UserId, order: OrderId, news: impl Fn() -> News) {
        self.mark_changed();
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

    /// Tells all sockets that something may have been missed.
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

    /// Nothing in here panics half-way, so a poisoned lock still guards a sound map.
    fn lock(&self) -> MutexGuard<'_, Sockets> {
        self.0.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sockets {
    /// Takes a socket out of a topic's followers.
    fn forget(&mut self, socket: u64, topic: Topic) {
        if let Some(followers) = self.followers.get_mut(&topic) {
            followers.retain(|id| *id != socket);
            if followers.is_empty() {
                self.followers.remove(&topic);
            }
        }
    }

    /// Ends the queues of sockets that do not keep up; each then closes itself.
    fn close(&mut self, slow: &[u64]) {
        for id in slow {
            if self.queues.remove(id).is_some() {
                metrics::counter!("sockets_too_slow_total").increment(1);
            }
        }
    }
}

impl Membership {
    /// From now on, news of this topic come.
    pub(crate) fn follow(&mut self, topic: Topic) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
            self.hub.lock().followers.entry(topic).or_default().push(self.id);
        }
    }

    /// Whether news of this topic come.
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
    fn an_event_reaches_its_user_and_the_followers_of_its_order_only() {
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
    fn a_socket_that_does_not_keep_up_is_let_go() {
        let hub = Hub::default();
        let user = UserId::new();
        let (mut membership, mut news) = hub.join();
        membership.follow(Topic::User(user));
        for _ in 0..=QUEUE {
            hub.publish(&event(user, OrderId::new()));
        }
        let mut received = 0;
        while news.try_recv().is_ok() {
            received += 1;
        }
        assert_eq!(received, QUEUE);
        assert!(news.is_closed());
    }

    #[test]
    fn all_events_since_the_last_look_are_one_mark() {
        let hub = Hub::default();
        hub.publish(&event(UserId::new(), OrderId::new()));
        let mut changes = hub.watch();
        assert!(!changes.has_changed().unwrap(), "what was before is not news");
        for _ in 0..2 * QUEUE {
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
    fn a_socket_that_left_leaves_nothing_behind() {
        let hub = Hub::default();
        let (mut membership, _news) = hub.join();
        membership.follow(Topic::Order(OrderId::new()));
        drop(membership);
        let sockets = hub.lock();
        assert!(sockets.queues.is_empty() && sockets.followers.is_empty());
    }
}

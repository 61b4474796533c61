//! A cache of the orders that this replica wrote last.
//!
//! The same replica often changes an order several times within moments. It then need not read the order again.
//! The cached order may be stale, because another replica can change it, too. So a change is written only if the
//! order still has the version of the cached order. Every change raises the version.

use contract::{ids::OrderId, orders::Order};
use lru::LruCache;
use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The largest number of cached orders. An order has about 1 KiB.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(4096).unwrap();
/// An order with more items is not cached. Full of orders with a hundred items each, the cache would have about
/// 100 MiB.
const ITEMS: usize = 10;

/// The cache. It has no final orders. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Recent(Arc<Mutex<LruCache<OrderId, Arc<Order>>>>);

impl Default for Recent {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(LruCache::new(CAPACITY))))
    }
}

impl Recent {
    /// Caches an order after its commit.
    pub(crate) fn wrote(&self, order: &Arc<Order>) {
        if order.status.is_final() || order.items.len() > ITEMS {
            self.lock().pop(&order.id);
        } else {
            self.lock().put(order.id, Arc::clone(order));
        }
    }

    /// The order as this replica wrote it last.
    pub(crate) fn find(&self, id: OrderId) -> Option<Arc<Order>> {
        self.lock().get(&id).cloned()
    }

    /// Removes an order that another replica has changed.
    pub(crate) fn forget(&self, id: OrderId) {
        self.lock().pop(&id);
    }

    /// No code panics while it holds the lock, so the cache is consistent even after a panic elsewhere.
    fn lock(&self) -> MutexGuard<'_, LruCache<OrderId, Arc<Order>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

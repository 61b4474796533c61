//! Orders as this replica has written them last.
//!
//! Most orders are moved on by the replica that moved them on before, moments later: what it knows of them need not be read
//! again. Another replica may have been there meanwhile, so this says what to try, never what is so: a move is written only
//! where the order still has the version that it was decided on, and whoever changes an order raises that.

use contract::{ids::OrderId, orders::Order};
use lru::LruCache;
use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Orders at a time, of about 1 KiB each.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(4096).unwrap();
/// Items of an order at most. That many orders with a hundred items each could be some 100 MiB.
const ITEMS: usize = 10;

/// Those of the orders that are still moving. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Recent(Arc<Mutex<LruCache<OrderId, Arc<Order>>>>);

impl Default for Recent {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(LruCache::new(CAPACITY))))
    }
}

impl Recent {
    /// To be called after the commit.
    pub(crate) fn wrote(&self, order: &Arc<Order>) {
        if order.status.is_final() || order.items.len() > ITEMS {
            self.lock().pop(&order.id);
        } else {
            self.lock().put(order.id, Arc::clone(order));
        }
    }

    /// How the order was when this replica wrote it.
    pub(crate) fn find(&self, id: OrderId) -> Option<Arc<Order>> {
        self.lock().get(&id).cloned()
    }

    /// Somebody else has moved it on.
    pub(crate) fn forget(&self, id: OrderId) {
        self.lock().pop(&id);
    }

    /// Nothing in here panics half-way.
    fn lock(&self) -> MutexGuard<'_, LruCache<OrderId, Arc<Order>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

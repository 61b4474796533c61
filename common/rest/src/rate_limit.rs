//! Limits how often a client may do something. Used by user-service (by address) and order-service (by
//! user). Each replica counts separately, so with N replicas a limit is up to N times as high.

use crate::problem::Problem;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use std::{
    hash::Hash,
    num::NonZeroU32,
    sync::{PoisonError, RwLock},
};

/// The most keys that are counted at a time; they take some megabytes. A client with a large IPv6 network can
/// use any number of addresses.
const MAX_KEYS: usize = 100_000;

/// A limit for each key.
pub struct RateLimit<K: Hash + Eq + Clone> {
    quota: Quota,
    max_keys: usize,
    limiter: RwLock<DefaultKeyedRateLimiter<K>>,
}

impl<K: Hash + Eq + Clone> RateLimit<K> {
    /// Allows `count` requests at once, and further ones at an even rate of `count` per minute.
    #[must_use]
    pub fn per_minute(count: NonZeroU32) -> Self {
        Self::with_keys(count, MAX_KEYS)
    }

    fn with_keys(count: NonZeroU32, max_keys: usize) -> Self {
        let quota = Quota::per_minute(count);
        Self { quota, max_keys, limiter: RwLock::new(RateLimiter::keyed(quota)) }
    }

    /// Counts one request. Fails with 429 and `Retry-After` if it exceeds the limit.
    pub fn check(&self, key: &K) -> Result<(), Problem> {
        if self.is_full() {
            self.make_room();
        }
        let limiter = self.limiter.read().unwrap_or_else(PoisonError::into_inner);
        limiter.check_key(key).map_err(|until| {
            metrics::counter!("rate_limited_total").increment(1);
            Problem::too_many_requests(until.wait_time_from(DefaultClock::default().now()))
        })
    }

    /// Forgets the keys whose allowance is full again.
    pub fn forget_idle(&self) {
        let limiter = self.limiter.read().unwrap_or_else(PoisonError::into_inner);
        limiter.retain_recent();
        limiter.shrink_to_fit();
    }

    fn is_full(&self) -> bool {
        self.limiter.read().unwrap_or_else(PoisonError::into_inner).len() >= self.max_keys
    }

    /// Forgets idle keys, and all keys if that is not enough. A limit by key cannot stop a client with so
    /// many keys, and must not block all other clients.
    fn make_room(&self) {
        let mut limiter = self.limiter.write().unwrap_or_else(PoisonError::into_inner);
        limiter.retain_recent();
        if limiter.len() >= self.max_keys {
            tracing::warn!(keys = self.max_keys, "too many clients at the same time; all limits are reset");
            *limiter = RateLimiter::keyed(self.quota);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_over_its_limit_waits_and_others_do_not() {
        let limit = RateLimit::per_minute(NonZeroU32::new(2).unwrap());
        assert!(limit.check(&"ada").is_ok());
        assert!(limit.check(&"ada").is_ok());
        let problem = limit.check(&"ada").unwrap_err();
        assert_eq!(problem.details.status, 429);
        assert_eq!(problem.headers["retry-after"], "30");
        assert!(limit.check(&"grace").is_ok());
    }

    #[test]
    fn a_flood_of_keys_is_bounded_and_blocks_no_other_client() {
        let limit = RateLimit::with_keys(NonZeroU32::MIN, 100);
        for key in 0..1_000 {
            assert!(limit.check(&key).is_ok());
            assert!(limit.limiter.read().unwrap().len() <= 100);
        }
        assert!(limit.check(&1_000).is_ok());
        assert!(limit.check(&1_000).is_err(), "each key is still limited");
    }
}

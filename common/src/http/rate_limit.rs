//! How often somebody may do something. Used by user-service (by address) and order-service (by
//! user). Each replica counts for itself: with N replicas a limit is up to N times as wide.

use super::problem::Problem;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use std::{hash::Hash, num::NonZeroU32};

/// A limit for each key.
pub struct RateLimit<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
}

impl<K: Hash + Eq + Clone> RateLimit<K> {
    /// So many at once, and as many again each minute, evenly.
    #[must_use]
    pub fn per_minute(count: NonZeroU32) -> Self {
        Self { limiter: RateLimiter::keyed(Quota::per_minute(count)) }
    }

    /// Counts one; 429 with `Retry-After` where it was one too many.
    pub fn check(&self, key: &K) -> Result<(), Problem> {
        self.limiter.check_key(key).map_err(|until| {
            metrics::counter!("rate_limited_total").increment(1);
            Problem::too_many_requests(until.wait_time_from(DefaultClock::default().now()))
        })
    }

    /// Forgets those who have not come for so long that they have their whole allowance again.
    pub fn forget_idle(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_waits_and_others_do_not() {
        let limit = RateLimit::per_minute(NonZeroU32::new(2).unwrap());
        assert!(limit.check(&"ada").is_ok());
        assert!(limit.check(&"ada").is_ok());
        let problem = limit.check(&"ada").unwrap_err();
        assert_eq!(problem.status, 429);
        assert_eq!(problem.headers["retry-after"], "30");
        assert!(limit.check(&"grace").is_ok());
    }
}

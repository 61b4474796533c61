//! Liveness and readiness. A process is live as soon as it listens. It is ready when all its checks succeed.

use futures_util::future::{BoxFuture, FutureExt, join_all};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// The time limit of a check. A check that takes longer has failed.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// The readiness checks of a process.
#[derive(Clone, Default)]
pub struct Health {
    checks: Vec<(&'static str, Check)>,
}

/// A condition for readiness that a task sets: the broker connection is open, or the migration is done.
#[derive(Clone, Default)]
pub struct Gate {
    is_open: Arc<AtomicBool>,
    reason: Arc<Mutex<Option<String>>>,
}

impl Gate {
    /// Marks the condition as met.
    pub fn open(&self) {
        self.is_open.store(true, Ordering::Relaxed);
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Marks the condition as not met.
    pub fn close(&self) {
        self.is_open.store(false, Ordering::Relaxed);
    }

    /// Marks the condition as not met, for this reason. The readiness check shows the reason.
    pub fn close_because(&self, reason: &str) {
        self.close();
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_owned());
    }

    /// Whether the condition is met.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    /// Another gate, which is closed and shares its reason with this one.
    #[must_use]
    pub fn sharing_reason(&self) -> Self {
        Self { is_open: Arc::default(), reason: Arc::clone(&self.reason) }
    }

    fn state(&self, closed: &str) -> Result<(), String> {
        if self.is_open() {
            return Ok(());
        }
        let reason = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        Err(reason.as_ref().map_or_else(|| closed.to_owned(), |reason| format!("{closed}: {reason}")))
    }
}

impl Health {
    /// Adds a check. It runs each time the readiness is requested.
    pub fn check<F, Fut>(&mut self, name: &'static str, check: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.checks.push((name, Arc::new(move || check().boxed())));
    }

    /// Adds a gate, which starts closed. The readiness check shows the text `closed` while the gate is
    /// closed.
    pub fn gate(&mut self, name: &'static str, closed: &'static str) -> Gate {
        let gate = Gate::default();
        let watched = gate.clone();
        self.check(name, move || std::future::ready(watched.state(closed)));
        gate
    }

    /// Adds the gate `schema`. It opens when the program's migrations are applied.
    pub fn schema(&mut self) -> Gate {
        self.gate("schema", "the migrations are not applied to PostgreSQL yet")
    }

    /// Adds the gate `keys`. It opens when the program has the keys that verify tokens.
    pub fn keys(&mut self) -> Gate {
        self.gate("keys", "not fetched from user-service yet")
    }

    /// Adds the gate `broker`. It opens when the program can use RabbitMQ.
    pub fn broker(&mut self) -> Gate {
        self.gate("broker", "no usable connection to RabbitMQ")
    }

    /// Runs all checks concurrently. Returns the reasons of those that fail. The process is ready if there
    /// are none.
    pub async fn failures(&self) -> Vec<String> {
        let checks = self.checks.iter().map(async |(name, check)| {
            let state = tokio::time::timeout(CHECK_TIMEOUT, check())
                .await
                .unwrap_or_else(|_| Err(format!("no answer within {CHECK_TIMEOUT:?}")));
            state.err().map(|reason| format!("{name}: {reason}"))
        });
        join_all(checks).await.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_gate_shows_its_reason() {
        let gate = Gate::default();
        assert_eq!(gate.state("not consuming"), Err("not consuming".to_owned()));
        gate.close_because("ACCESS_REFUSED");
        assert_eq!(gate.state("not consuming"), Err("not consuming: ACCESS_REFUSED".to_owned()));
        gate.open();
        assert_eq!(gate.state("not consuming"), Ok(()));
        gate.close();
        assert_eq!(gate.state("not consuming"), Err("not consuming".to_owned()), "an old reason is gone");
        gate.sharing_reason().close_because("NOT_ALLOWED");
        assert_eq!(gate.state("not consuming"), Err("not consuming: NOT_ALLOWED".to_owned()));
    }
}

//! Liveness and readiness. A process is live as soon as it listens; it is ready when everything it
//! needs answers.

use super::problem::Problem;
use crate::contract::problems::ProblemType;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use futures_util::future::{BoxFuture, FutureExt, join_all};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Longer than this and what is asked counts as away.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What a process needs in order to be ready.
#[derive(Clone, Default)]
pub struct Health {
    checks: Vec<(&'static str, Check)>,
}

/// Something that is either so or not so: a broker connection that stands, a migration that is done.
#[derive(Clone, Default)]
pub struct Gate(Arc<AtomicBool>);

impl Gate {
    /// It is so.
    pub fn open(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// It is not so, or no longer.
    pub fn close(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether it is so.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Health {
    /// Adds something to ask each time.
    pub fn check<F, Fut>(&mut self, name: &'static str, check: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.checks.push((name, Arc::new(move || check().boxed())));
    }

    /// Adds something that somebody else keeps up to date; `closed` says what it means when it is not so.
    pub fn gate(&mut self, name: &'static str, closed: &'static str) -> Gate {
        let gate = Gate::default();
        let watched = gate.clone();
        self.check(name, move || {
            let state = if watched.is_open() { Ok(()) } else { Err(closed.to_owned()) };
            std::future::ready(state)
        });
        gate
    }

    pub(super) async fn answer(&self) -> Response {
        let checks = self.checks.iter().map(async |(name, check)| {
            let state = tokio::time::timeout(CHECK_TIMEOUT, check())
                .await
                .unwrap_or_else(|_| Err(format!("no answer within {CHECK_TIMEOUT:?}")));
            (*name, state)
        });
        let missing: Vec<_> = join_all(checks)
            .await
            .into_iter()
            .filter_map(|(name, state)| state.err().map(|why| format!("{name}: {why}")))
            .collect();
        if missing.is_empty() {
            return Json(json!({ "status": "ready" })).into_response();
        }
        Problem::new(ProblemType::NotReady, missing.join("; ")).into_response()
    }
}

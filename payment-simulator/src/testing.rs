//! The simulator without its socket, for tests. Each test has its own ledger.

use crate::{
    faults::{FaultSwitches, Faults},
    http,
    ledger::Ledger,
    state::AppState,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, header, request::Builder},
};
use chrono::TimeDelta;
use rest::server;
use runtime::health::Health;
use serde_json::Value;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

/// A valid charge of 19.99 euros for the order `7`.
pub(crate) const CHARGE: &str = "amount=1999&currency=eur&payment_method=pm_card_visa&confirm=true&metadata[order_id]=7&metadata[attempt]=1";

/// A folder that is removed when it is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("payment-simulator-{}", Uuid::now_v7()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn ledger_file(&self) -> PathBuf {
        self.0.join("ledger.jsonl")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A simulator.
pub(crate) struct Simulator {
    pub(crate) state: AppState,
    router: Router,
    writer: JoinHandle<io::Result<()>>,
    folder: Folder,
}

/// An answer with its complete body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Simulator {
    pub(crate) fn start() -> Self {
        Self::start_in(Folder::new(), None)
    }

    pub(crate) fn start_with_api_key(key: &str) -> Self {
        Self::start_in(Folder::new(), Some(key.to_owned()))
    }

    fn start_in(folder: Folder, api_key: Option<String>) -> Self {
        let (ledger, writer) = open(&folder.ledger_file());
        let state = AppState {
            ledger,
            faults: Arc::new(Faults::new(FaultSwitches::default())),
            api_key: api_key.map(Into::into),
            shutdown: CancellationToken::new(),
        };
        let router = server::simulator_app(http::routes(state.clone()), Health::default());
        Self { state, router, writer, folder }
    }

    /// Stops the simulator and starts it again with the same ledger file.
    pub(crate) async fn restart(self) -> Self {
        let Self { state, router, writer, folder } = self;
        drop((state, router));
        writer.await.unwrap().unwrap();
        Self::start_in(folder, None)
    }

    pub(crate) fn faults(&self, json: &str) {
        self.state.faults.set(serde_json::from_str(json).unwrap());
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header(header::AUTHORIZATION, "Bearer sk_test_1"), "").await
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        self.send(post(path), form).await
    }

    pub(crate) async fn post_with_key(&self, key: &str, path: &str, form: &str) -> Answer {
        self.send(post(path).header("Idempotency-Key", key), form).await
    }

    /// Charges a card and returns the id of the payment.
    pub(crate) async fn charge(&self, form: &str) -> String {
        let reply = self.post("/v1/payment_intents", form).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn send(&self, request: Builder, body: &str) -> Answer {
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap(),
        }
    }
}

impl Answer {
    /// The status, type, code and parameter of an error.
    pub(crate) fn error(&self) -> (u16, &str, Option<&str>, Option<&str>) {
        let error = &self.body["error"];
        (self.status, error["type"].as_str().unwrap(), error["code"].as_str(), error["param"].as_str())
    }

    pub(crate) fn is_replayed(&self) -> bool {
        self.headers.get("idempotent-replayed").is_some_and(|value| value == "true")
    }
}

/// Opens a ledger and starts its writer.
pub(crate) fn open(path: &Path) -> (Ledger, JoinHandle<io::Result<()>>) {
    let (ledger, writer) = Ledger::open(path, TimeDelta::hours(24)).unwrap();
    (ledger, tokio::spawn(writer.run()))
}

fn post(path: &str) -> Builder {
    Request::post(path)
        .header(header::AUTHORIZATION, "Bearer sk_test_1")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

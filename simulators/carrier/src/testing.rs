//! The simulator without its socket, for tests. Each test has its own file.

use crate::{
    domain::parcel::Address,
    faults::{FaultSwitches, Faults},
    http,
    ledger::Ledger,
    state::AppState,
    webhooks::Webhooks,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header, request::Builder},
};
use chrono::TimeDelta;
use rest::server;
use runtime::health::Health;
use serde_json::{Value, json};
use std::{fs, path::PathBuf, sync::Arc, time::Duration};
use tower::ServiceExt as _;
use uuid::Uuid;

const KEY: &str = "Bearer carrier_test_1";

/// A folder that is removed when it is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("carrier-simulator-{}", Uuid::now_v7()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("parcels.jsonl")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn address() -> Address {
    Address {
        name: "Ada Lovelace".into(),
        street: "12 St James's Square".into(),
        city: "London".into(),
        postal_code: "SW1Y 4JH".into(),
        country: "GB".into(),
    }
}

/// A valid parcel.
pub(crate) fn parcel(reference: &str) -> Value {
    json!({ "reference": reference, "address": address() })
}

/// A simulator.
pub(crate) struct Simulator {
    pub(crate) ledger: Arc<Ledger>,
    faults: Arc<Faults>,
    router: Router,
    _folder: Folder,
}

impl Simulator {
    /// A simulator whose webhooks reach nothing.
    pub(crate) fn start() -> Self {
        let folder = Folder::new();
        let ledger = Arc::new(Ledger::open(&folder.file(), TimeDelta::seconds(4)).unwrap());
        let faults = Arc::new(Faults::new(FaultSwitches::default()));
        let secret = || "a secret of the carrier".parse().unwrap();
        let client = runtime::http_client::client(Duration::from_secs(1)).unwrap();
        let url = "http://127.0.0.1:1/carrier/events".parse().unwrap();
        let webhooks =
            Webhooks::new(client, url, [secret(), secret()], Arc::clone(&faults), Duration::from_secs(4));
        let state = AppState {
            ledger: Arc::clone(&ledger),
            faults: Arc::clone(&faults),
            api_key: Some(KEY.trim_start_matches("Bearer ").into()),
        };
        let router = server::simulator_app(http::routes(state, webhooks), Health::default());
        Self { ledger, faults, router, _folder: folder }
    }

    pub(crate) fn faults(&self, json: &str) {
        self.faults.set(serde_json::from_str(json).unwrap());
    }

    pub(crate) async fn create(&self, key: &str, body: &Value) -> (u16, Value) {
        self.create_as(KEY, key, body).await
    }

    pub(crate) async fn create_as(&self, authorization: &str, key: &str, body: &Value) -> (u16, Value) {
        let request = Request::post("/shipments").header("Idempotency-Key", key);
        self.send(authorization, request, Body::from(body.to_string())).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.send(KEY, Request::get(path), Body::empty()).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send(KEY, Request::put(path), Body::from(body.to_string())).await
    }

    async fn send(&self, authorization: &str, request: Builder, body: Body) -> (u16, Value) {
        let request = request
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }
}

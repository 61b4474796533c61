//! The service without its socket, for the tests of its routes. Each test has its own database.

use super::routes;
use crate::{db, state::AppState};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header, request::Builder},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contract::{
    claims::Claims,
    ids::{OrderId, ProductId, UserId},
    users::Role,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rest::{auth::verifier::Verifier, server};
use runtime::health::Health;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{
    iter,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use storage::group_commit::GroupCommit;
use tower::ServiceExt;

const ISSUER: &str = "orderflow";
const KEY_ID: &str = "test";

/// The caller of a request.
#[derive(Clone, Copy)]
pub(super) enum By {
    Nobody,
    Customer,
    Staff,
    /// A service with this scope.
    Service(&'static str),
}

/// The worker that reserves stock for orders.
pub(super) const PROCESSOR: By = By::Service("orders:stock reservations:write");

/// An answer with its complete body.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// With several replicas, requests compete for rows as well as share a group commit.
const REPLICAS: usize = 3;

/// Several replicas of the service. Their catalogue is empty at first.
#[derive(Clone)]
pub(super) struct Service {
    /// The replicas, which are called in turn.
    replicas: Vec<Router>,
    calls: Arc<AtomicUsize>,
    pool: PgPool,
    key: EncodingKey,
}

impl Service {
    pub(super) fn new(pool: PgPool) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let keys = json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY_ID,
            "x": URL_SAFE_NO_PAD.encode(pair.public_key()),
        }]});
        let keys = serde_json::from_value(keys).unwrap();
        let replica = || {
            let state = AppState {
                pool: pool.clone(),
                stock: GroupCommit::to(&pool),
                verifier: Verifier::with_keys(&keys, ISSUER, ISSUER),
                currency: "EUR".parse().unwrap(),
            };
            server::app(routes(state), Health::default())
        };
        Self {
            replicas: iter::repeat_with(replica).take(REPLICAS).collect(),
            calls: Arc::default(),
            pool,
            key: EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref()),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.call(By::Nobody, Method::GET, path, None).await
    }

    pub(super) async fn post(&self, by: By, path: &str, body: Value) -> Answer {
        self.call(by, Method::POST, path, Some(body)).await
    }

    pub(super) async fn put(&self, by: By, path: &str, body: Value) -> Answer {
        self.call(by, Method::PUT, path, Some(body)).await
    }

    pub(super) async fn patch(&self, by: By, path: &str, body: Value) -> Answer {
        self.call(by, Method::PATCH, path, Some(body)).await
    }

    pub(super) async fn delete(&self, by: By, path: &str) -> Answer {
        self.call(by, Method::DELETE, path, None).await
    }

    /// Sends a request of staff with `If-Match`.
    pub(super) async fn if_match(
        &self,
        etag: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let request = Request::builder().header(header::IF_MATCH, etag);
        self.send(By::Staff, request.method(method).uri(path), body).await
    }

    async fn call(&self, by: By, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.send(by, Request::builder().method(method).uri(path), body).await
    }

    async fn send(&self, by: By, mut request: Builder, body: Option<Value>) -> Answer {
        if let Some(token) = self.token(by) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let replica = &self.replicas[self.calls.fetch_add(1, Ordering::Relaxed) % REPLICAS];
        let response = replica.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    fn token(&self, by: By) -> Option<String> {
        let (role, scope) = match by {
            By::Nobody => return None,
            By::Customer => (Some(Role::Customer), None),
            By::Staff => (Some(Role::Staff), None),
            By::Service(scope) => (None, Some(scope.to_owned())),
        };
        let now = jsonwebtoken::get_current_timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: if role.is_some() { UserId::new().to_string() } else { "order-processor".to_owned() },
            exp: now + 60,
            nbf: now,
            iat: now,
            jti: UserId::new().to_string(),
            role,
            scope,
        };
        let (kid, typ) = (Some(KEY_ID.to_owned()), Some("at+jwt".to_owned()));
        let header = Header { kid, typ, ..Header::new(Algorithm::EdDSA) };
        Some(jsonwebtoken::encode(&header, &claims, &self.key).unwrap())
    }

    /// Adds a product to the category `Tea`, with stock.
    pub(super) async fn sells(&self, name: &str, price_minor: i64, on_hand: i64) -> ProductId {
        let answer = self.post(By::Staff, "/products", draft(name, price_minor)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        let id: ProductId = answer.body["id"].as_str().unwrap().parse().unwrap();
        let answer =
            self.put(By::Staff, &format!("/products/{id}/stock"), json!({ "on_hand": on_hand })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        id
    }

    pub(super) async fn reserve(&self, order: OrderId, items: &[(ProductId, u32)]) -> Answer {
        self.post(PROCESSOR, "/reservations", reservation(order, items)).await
    }

    pub(super) async fn commit(&self, order: OrderId) -> Answer {
        self.call(PROCESSOR, Method::POST, &format!("/reservations/{order}/commit"), None).await
    }

    pub(super) async fn release(&self, order: OrderId) -> Answer {
        self.call(PROCESSOR, Method::POST, &format!("/reservations/{order}/release"), None).await
    }

    /// Returns the pieces on hand and how many of them are reserved.
    pub(super) async fn stock(&self, id: ProductId) -> (i64, i64) {
        let mut connection = self.pool.acquire().await.unwrap();
        let stock = db::products::lock_stock(&mut connection, id).await.unwrap().unwrap();
        (stock.on_hand, stock.reserved)
    }
}

/// The body of a product. Its code is derived from its name.
pub(super) fn draft(name: &str, price_minor: i64) -> Value {
    json!({
        "sku": name.to_uppercase().replace(' ', "-"),
        "name": name,
        "description": "",
        "category": "Tea",
        "price": { "amount_minor": price_minor, "currency": "EUR" },
    })
}

/// The body of a reservation.
pub(super) fn reservation(order: OrderId, items: &[(ProductId, u32)]) -> Value {
    let items: Vec<_> =
        items.iter().map(|(id, quantity)| json!({ "product_id": id, "quantity": quantity })).collect();
    json!({ "order_id": order, "items": items })
}

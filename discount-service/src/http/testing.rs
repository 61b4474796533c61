//! The service without its socket, for the tests of its routes. Each test has its own database and catalogue.

use super::routes;
use crate::{catalogue::Catalogue, db::claims, state::AppState};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::{
    Json, Router,
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, Method, Request, StatusCode, header, request::Builder},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use contract::{
    catalog::Product,
    claims::Claims,
    ids::{OrderId, ProductId, UserId},
    money::Money,
    page::Page,
    users::Role,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rest::{auth::verifier::Verifier, server};
use runtime::health::Health;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{
    collections::HashMap,
    iter,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use storage::group_commit::GroupCommit;
use tokio::{net::TcpListener, task::JoinHandle};
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

/// The worker that claims for orders.
pub(super) const CLAIMANT: By = By::Service("orders:stock discounts:claim");

/// An answer with its complete body.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// With several replicas, requests compete for rows as well as share a group commit.
const REPLICAS: usize = 3;

type Products = Arc<Mutex<HashMap<ProductId, Product>>>;

/// Several replicas of the service. They have no promotions at first.
#[derive(Clone)]
pub(super) struct Service {
    /// The replicas, which are called in turn.
    replicas: Vec<Router>,
    calls: Arc<AtomicUsize>,
    pool: PgPool,
    key: EncodingKey,
    products: Products,
    catalogue: Arc<JoinHandle<()>>,
}

/// Terms for 10 % off the whole order, with these changes.
pub(super) fn terms(changes: Value) -> Value {
    let mut terms = json!({
        "name": "Sale",
        "reduction": { "kind": "percent", "basis_points": 1000 },
        "scope": { "kind": "order" },
    });
    if let Value::Object(changes) = changes {
        terms.as_object_mut().unwrap().extend(changes);
    }
    terms
}

impl Service {
    pub(super) async fn new(pool: PgPool) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let keys = json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY_ID,
            "x": URL_SAFE_NO_PAD.encode(pair.public_key()),
        }]});
        let keys = serde_json::from_value(keys).unwrap();
        let products = Products::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let catalog_service = Router::new().route("/products", get(list)).with_state(Arc::clone(&products));
        let catalogue = tokio::spawn(async { axum::serve(listener, catalog_service).await.unwrap() });
        let replica = || {
            let state = AppState {
                pool: pool.clone(),
                claims: GroupCommit::to(&pool),
                catalogue: Catalogue::at(address.parse().unwrap()).unwrap(),
                verifier: Verifier::with_keys(&keys, ISSUER, ISSUER),
                currency: "EUR".parse().unwrap(),
            };
            server::app(routes(state), Health::default())
        };
        Self {
            replicas: iter::repeat_with(replica).take(REPLICAS).collect(),
            calls: Arc::default(),
            key: EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref()),
            pool,
            products,
            catalogue: Arc::new(catalogue),
        }
    }

    /// Adds a product to the catalogue.
    pub(super) fn sells(&self, category: &str, price_minor: i64) -> ProductId {
        let id = ProductId::new();
        let product = Product {
            id,
            sku: id.short(),
            name: category.into(),
            description: String::new(),
            category: category.into(),
            price: Money { amount_minor: price_minor, currency: "EUR".parse().unwrap() },
            available: 1,
            updated_at: DateTime::default(),
        };
        self.products.lock().unwrap().insert(id, product);
        id
    }

    /// Changes the list price of a product.
    pub(super) fn costs(&self, product: ProductId, price_minor: i64) {
        self.products.lock().unwrap().get_mut(&product).unwrap().price.amount_minor = price_minor;
    }

    /// Stops the catalogue.
    pub(super) fn loses_the_catalogue(&self) {
        self.catalogue.abort();
    }

    /// Adds a promotion, and returns its id.
    pub(super) async fn promotes(&self, changes: Value) -> String {
        let answer = self.post(By::Staff, "/promotions", terms(changes)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// The update that claims for two pieces at 10.00 EUR.
    pub(super) fn claim_of(order: OrderId, user: UserId, codes: &[&str]) -> Value {
        let list_price = json!({ "amount_minor": 1_000, "currency": "EUR" });
        let line = json!({
            "product_id": ProductId::new(), "category": "Tea", "quantity": 2, "list_price": list_price,
        });
        let update = json!({ "to": "claim", "user_id": user, "lines": [line], "codes": codes });
        json!({ "order_id": order, "update": update })
    }

    /// Claims for an order of a new customer, and returns the answer.
    pub(super) async fn claim(&self, order: OrderId, codes: &[&str]) -> Value {
        self.update(vec![Self::claim_of(order, UserId::new(), codes)]).await.remove(0)
    }

    /// Commits or releases, and returns the answer.
    pub(super) async fn settle(&self, order: OrderId, to: &str) -> Value {
        self.update(vec![json!({ "order_id": order, "update": { "to": to } })]).await.remove(0)
    }

    pub(super) async fn update(&self, updates: Vec<Value>) -> Vec<Value> {
        let mut answer = self.patch(CLAIMANT, "/claims", json!({ "updates": updates })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        match answer.body["answers"].take() {
            Value::Array(answers) => answers,
            other => panic!("{other} is not a list"),
        }
    }

    /// The counters of all promotions, and the rows that they count.
    pub(super) async fn uses(&self) -> (i64, i64) {
        claims::testing::uses(&self.pool).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.get_as(By::Nobody, path).await
    }

    pub(super) async fn get_as(&self, by: By, path: &str) -> Answer {
        self.call(by, Method::GET, path, None).await
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
}

/// `GET /products?ids=…` of catalog-service.
async fn list(
    State(products): State<Products>,
    Query(query): Query<HashMap<String, String>>,
) -> Json<Page<Product>> {
    let products = products.lock().unwrap();
    let ids = query["ids"].split(',').map(|id| id.parse().unwrap());
    let items = ids.filter_map(|id: ProductId| products.get(&id).cloned()).collect();
    Json(Page { items, next_cursor: None })
}

//! The service without its socket and without a broker, for the tests of its routes. Each test has its own
//! database.

use super::routes;
use crate::{
    db::testing::{POLL_AFTER, created},
    shipments::Shipments,
    state::AppState,
};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use contract::{
    addresses::ShippingOrder,
    claims::Claims,
    ids::{OrderId, UserId},
    users::Role,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use messaging::relay;
use rest::{auth::verifier::Verifier, server, webhook::WebhookSecret};
use runtime::health::Health;
use serde_json::{Value, json};
use sqlx::PgPool;
use tower::ServiceExt;

const ISSUER: &str = "orderflow";
const KEY_ID: &str = "test";

/// The caller of a request.
#[derive(Clone, Copy)]
pub(super) enum By {
    Nobody,
    Customer(UserId),
    Staff,
}

/// An answer with its complete body.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

pub(super) struct Service {
    router: Router,
    pool: PgPool,
    key: EncodingKey,
    secret: WebhookSecret,
}

/// The body of a webhook.
pub(super) fn event(order: OrderId, parcel: &str, status: &str, id: &str) -> String {
    let event = json!({ "id": id, "status": status, "at": Utc::now() });
    json!({ "parcel": parcel, "reference": order, "event": event }).to_string()
}

impl Service {
    pub(super) fn new(pool: PgPool) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let keys = json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY_ID,
            "x": URL_SAFE_NO_PAD.encode(pair.public_key()),
        }]});
        let secret: WebhookSecret = "a secret of the carrier".parse().unwrap();
        // Nothing publishes the events. They stay in the outbox.
        let (handover, _) = relay::handover();
        let state = AppState {
            shipments: Shipments::new(pool.clone(), handover, POLL_AFTER),
            carrier_secret: secret.clone(),
            verifier: Verifier::with_keys(&serde_json::from_value(keys).unwrap(), ISSUER, ISSUER),
        };
        let router = server::app(routes(state), Health::default());
        let key = EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref());
        Self { router, pool, key, secret }
    }

    /// Creates the shipment of an order.
    pub(super) async fn ships(&self, order: &ShippingOrder) {
        created(&self.pool, order).await;
    }

    /// Sends webhooks, each with a status and an id.
    pub(super) async fn reports(&self, order: OrderId, parcel: &str, events: &[(&str, &str)]) {
        for (status, id) in events {
            let answer = self.webhook(&event(order, parcel, status, id), Utc::now()).await;
            assert_eq!(answer.status, 204, "{}", answer.body);
        }
    }

    pub(super) fn signs(&self, body: &str, at: DateTime<Utc>) -> String {
        self.secret.sign(at, body.as_bytes())
    }

    /// Sends a webhook that was signed at this time.
    pub(super) async fn webhook(&self, body: &str, signed_at: DateTime<Utc>) -> Answer {
        self.posts(Some(&self.signs(body, signed_at)), body).await
    }

    /// Sends a webhook with this signature.
    pub(super) async fn posts(&self, signature: Option<&str>, body: &str) -> Answer {
        let mut request = Request::post("/carrier/events");
        if let Some(signature) = signature {
            request = request.header("Carrier-Signature", signature);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(super) async fn get(&self, by: By, path: &str) -> Answer {
        self.call(by, Method::GET, path, Body::empty()).await
    }

    pub(super) async fn put(&self, by: By, path: &str, body: Value) -> Answer {
        self.call(by, Method::PUT, path, Body::from(body.to_string())).await
    }

    async fn call(&self, by: By, method: Method, path: &str, body: Body) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = self.token(by) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(body).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Answer { status: parts.status, body }
    }

    fn token(&self, by: By) -> Option<String> {
        let (user, role) = match by {
            By::Nobody => return None,
            By::Customer(user) => (user, Role::Customer),
            By::Staff => (UserId::new(), Role::Staff),
        };
        let now = jsonwebtoken::get_current_timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: user.to_string(),
            exp: now + 60,
            nbf: now,
            iat: now,
            jti: UserId::new().to_string(),
            role: Some(role),
            scope: None,
        };
        let (kid, typ) = (Some(KEY_ID.to_owned()), Some("at+jwt".to_owned()));
        let header = Header { kid, typ, ..Header::new(Algorithm::EdDSA) };
        Some(jsonwebtoken::encode(&header, &claims, &self.key).unwrap())
    }
}

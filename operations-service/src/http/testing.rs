//! The service without its socket and without a broker, for the tests of its routes. Each test has its own
//! database. The caller is a staff user.

use super::routes;
use crate::{management::Management, replay::Replayer, state::AppState};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use contract::{claims::Claims, ids::UserId, users::Role};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use messaging::{
    connection::{Broker, BrokerOptions},
    publisher::Publisher,
};
use rest::{auth::verifier::Verifier, server};
use runtime::health::Health;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::sync::Arc;
use tower::ServiceExt;

const ISSUER: &str = "orderflow";
const KEY_ID: &str = "test";
/// Nothing listens there.
const NO_BROKER: &str = "amqp://127.0.0.1:1";

pub(super) struct Service {
    router: Router,
    staff: UserId,
    token: String,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Service {
    pub(super) fn new(pool: PgPool) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let keys = json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY_ID,
            "x": URL_SAFE_NO_PAD.encode(pair.public_key()),
        }]});
        let amqp_url = NO_BROKER.parse().unwrap();
        let management = Management::new(&amqp_url, None).unwrap();
        let broker = Broker::new(&BrokerOptions { amqp_url }, "test");
        let state = AppState {
            replayer: Replayer::new(pool.clone(), Publisher::new(&broker)),
            pool,
            management: Arc::new(management),
            verifier: Verifier::with_keys(&serde_json::from_value(keys).unwrap(), ISSUER, ISSUER),
        };
        let router = server::app(routes(state), Health::default());
        let staff = UserId::new();
        let key = EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref());
        Self { router, staff, token: token(&key, staff) }
    }

    pub(super) const fn staff_id(&self) -> UserId {
        self.staff
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Body::empty()).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Body::from(body.to_string())).await
    }

    async fn send(&self, method: Method, path: &str, body: Body) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Answer { status: parts.status, body }
    }
}

fn token(key: &EncodingKey, staff: UserId) -> String {
    let now = u64::try_from(Utc::now().timestamp()).unwrap();
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: ISSUER.to_owned(),
        sub: staff.to_string(),
        exp: now + 60,
        nbf: now,
        iat: now,
        jti: "1".to_owned(),
        role: Some(Role::Staff),
        scope: None,
    };
    let (kid, typ) = (Some(KEY_ID.to_owned()), Some("at+jwt".to_owned()));
    let header = Header { kid, typ, ..Header::new(Algorithm::EdDSA) };
    jsonwebtoken::encode(&header, &claims, key).unwrap()
}

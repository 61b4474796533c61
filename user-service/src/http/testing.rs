//! The service without its socket, for the tests of its routes. Each test has its own database.

use super::routes;
use crate::{
    db::users::{self, NewUser},
    domain::service_client::ServiceClients,
    passwords::Passwords,
    signing::{Signer, SigningKey, TokenSettings},
    signing_key,
    state::{AppState, Limits},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::connect_info::MockConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use chrono::TimeDelta;
use contract::users::{Role, TokenPair, User};
use rest::{auth::verifier::Verifier, listener::Peer, server};
use runtime::health::Health;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{net::SocketAddr, num::NonZeroU32, sync::Arc};
use tower::ServiceExt;

pub(super) const PASSWORD: &str = "correct horse battery";
pub(super) const CLIENTS: &str = r#"[
    {"id":"order-processor","secret":"one","scopes":["orders:stock","reservations:write"]},
    {"id":"a client","secret":"50% + :","scopes":["orders:stock"]}
]"#;

pub(super) struct Service {
    pub state: AppState,
    pub pem: String,
}

pub(super) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Service {
    pub(super) fn new(pool: PgPool) -> Self {
        let pem = signing_key::generate().unwrap();
        let settings =
            TokenSettings { issuer: "orderflow".to_owned(), audience: "orderflow".to_owned(), lifetime: 900 };
        let signer = Signer::new(SigningKey::from_pem(pem.as_bytes()).unwrap(), [], settings);
        let many = NonZeroU32::new(1000).unwrap();
        let state = AppState {
            pool,
            passwords: Passwords::new(4),
            verifier: Verifier::with_keys(signer.keys(), "orderflow", "orderflow"),
            signer: Arc::new(signer),
            clients: Arc::new(ServiceClients::from_json(CLIENTS).unwrap()),
            limits: Arc::new(Limits::new(many, many)),
            session_lifetime: TimeDelta::hours(1),
            session_cookie_name: "__Secure-session".to_owned(),
            session_cookie_path: "/api/session".to_owned(),
            trust_forwarded_for: true,
        };
        Self { state, pem }
    }

    fn router(&self) -> Router {
        let peer = Peer(SocketAddr::from(([192, 0, 2, 1], 1234)));
        server::app(routes(self.state.clone()), Health::default()).layer(MockConnectInfo(peer))
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, "application/json", body.to_string()).await
    }

    pub(super) async fn post_text(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, content_type)
            .body(body.into())
            .unwrap();
        self.send(request).await
    }

    pub(super) async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        let mut request = Request::builder().uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(super) async fn register(&self, username: &str) -> User {
        let email = format!("{username}@example.com");
        let body = json!({ "username": username, "email": email, "password": PASSWORD });
        let answer = self.post("/register", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        serde_json::from_value(answer.body).unwrap()
    }

    pub(super) async fn staff(&self, username: &str) -> User {
        let turn = self.state.passwords.turn().await.unwrap();
        let user = NewUser {
            username: &username.parse().unwrap(),
            email: &format!("{username}@example.com").parse().unwrap(),
            password_hash: &turn.hash(PASSWORD.parse().unwrap()).await.unwrap(),
            role: Role::Staff,
        };
        users::insert(&self.state.pool, &user).await.unwrap()
    }

    pub(super) async fn login(&self, username: &str) -> TokenPair {
        let answer = self.post("/login", &json!({ "username": username, "password": PASSWORD })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_value(answer.body).unwrap()
    }

    pub(super) async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/refresh", &json!({ "refresh_token": refresh_token })).await
    }
}

impl Answer {
    /// The JSON pointers of the invalid fields that the answer names.
    pub(super) fn bad_fields(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().filter_map(|error| error["pointer"].as_str()).collect()
    }
}

/// A browser that keeps the session cookie.
#[derive(Clone)]
pub(super) struct Browser {
    /// The value of the cookie, or empty without a cookie.
    pub cookie: String,
    /// The value of `Sec-Fetch-Site`.
    pub site: &'static str,
}

impl Default for Browser {
    fn default() -> Self {
        Self { cookie: String::new(), site: "same-origin" }
    }
}

impl Browser {
    pub(super) async fn log_in(&mut self, service: &Service, username: &str) -> Answer {
        let body = json!({ "username": username, "password": PASSWORD });
        self.send(service, Method::POST, "/session", body.to_string()).await
    }

    pub(super) async fn renew(&mut self, service: &Service) -> Answer {
        self.send(service, Method::POST, "/session/refresh", String::new()).await
    }

    pub(super) async fn log_out(&mut self, service: &Service) -> Answer {
        self.send(service, Method::DELETE, "/session", String::new()).await
    }

    async fn send(&mut self, service: &Service, method: Method, path: &str, body: String) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, format!("theme=dark; __Secure-session={}", self.cookie))
            .header("sec-fetch-site", self.site)
            .body(body.into())
            .unwrap();
        let answer = service.send(request).await;
        if let Some(cookie) = answer.headers.get(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookie = pair.strip_prefix("__Secure-session=").unwrap().to_owned();
        }
        answer
    }
}

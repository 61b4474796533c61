//! The routes, with one endpoint per file.

mod client_address;
mod close_session;
mod error;
mod find_users;
mod get_user;
mod jwks;
mod login;
mod logout;
mod me;
mod open_session;
mod refresh;
mod register;
mod renew_session;
mod same_origin;
mod session_cookie;
#[cfg(test)]
mod testing;
mod token;
mod token_pair;

use crate::{domain::service_client::ServiceClients, passwords::Passwords, signing::Signer};
use axum::extract::FromRef;
use chrono::TimeDelta;
use client_address::ClientAddress;
use error::Error;
use rest::{auth::verifier::Verifier, openapi::BearerToken, rate_limit::RateLimit};
use sqlx::PgPool;
use std::{num::NonZeroU32, sync::Arc};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The state that all requests share.
#[derive(Clone)]
pub(crate) struct AppState {
    /// The connections to the database.
    pub pool: PgPool,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// Signs access tokens.
    pub signer: Arc<Signer>,
    /// Verifies the access tokens of requests.
    pub verifier: Verifier,
    /// The services that may request tokens.
    pub clients: Arc<ServiceClients>,
    /// The rate limits of each client address.
    pub limits: Arc<Limits>,
    /// The time after which an unused login expires.
    pub session_lifetime: TimeDelta,
    /// The name of the cookie with the refresh token.
    pub session_cookie_name: String,
    /// The path of `/session` as browsers see it. They send the cookie only to this path.
    pub session_cookie_path: String,
    /// Whether the last entry of `X-Forwarded-For` comes from a trusted gateway.
    pub trust_forwarded_for: bool,
}

/// The rate limits of each client address. A limit per user name would let an attacker lock a user
/// out with wrong passwords.
pub(crate) struct Limits {
    login: RateLimit<ClientAddress>,
    register: RateLimit<ClientAddress>,
}

impl Limits {
    /// Creates limits of this many logins and registrations per minute.
    pub(crate) fn new(logins: NonZeroU32, registrations: NonZeroU32) -> Self {
        Self { login: RateLimit::per_minute(logins), register: RateLimit::per_minute(registrations) }
    }

    /// Forgets addresses that have their whole allowance again.
    pub(crate) fn forget_idle(&self) {
        self.login.forget_idle();
        self.register.forget_idle();
    }
}

impl FromRef<AppState> for Verifier {
    fn from_ref(state: &AppState) -> Self {
        state.verifier.clone()
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "user-service", description = "Accounts, logins and tokens of Orderflow."),
    tags(
        (name = "accounts", description = "People and their roles."),
        (name = "sessions", description = "Logging in, staying logged in, logging out."),
        (name = "browser sessions", description = "Sessions for pages in a browser. The refresh token is in a cookie that scripts cannot read."),
        (name = "services", description = "Tokens for services, and the keys that verify all tokens."),
    ),
    modifiers(&BearerToken)
)]
struct Document;

/// The service's own routes.
pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(register::register))
        .routes(routes!(login::login))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
        .routes(routes!(open_session::open_session, close_session::close_session))
        .routes(routes!(renew_session::renew_session))
        .routes(routes!(me::me))
        .routes(routes!(find_users::find_users))
        .routes(routes!(get_user::get_user))
        .routes(routes!(token::token))
        .routes(routes!(jwks::jwks))
        .with_state(state)
}

#[cfg(test)]
mod tests {
    use super::testing::Service;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "./migrations")]
    async fn documents_every_route(pool: PgPool) {
        let answer = Service::new(pool).get("/openapi.json", None).await;
        let paths: Vec<_> = answer.body["paths"].as_object().unwrap().keys().cloned().collect();
        let mut expected = [
            "/.well-known/jwks.json",
            "/login",
            "/logout",
            "/me",
            "/refresh",
            "/register",
            "/session",
            "/session/refresh",
            "/token",
            "/users",
            "/users/{id}",
        ];
        expected.sort_unstable();
        assert_eq!(paths, expected);
        assert!(answer.body["components"]["securitySchemes"]["bearer"].is_object(), "{}", answer.body);
    }
}

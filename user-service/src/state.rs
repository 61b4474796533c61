//! The state that all requests share.

use crate::{
    domain::{client_address::ClientAddress, service_client::ServiceClients},
    passwords::Passwords,
    signing::Signer,
};
use axum::extract::FromRef;
use chrono::TimeDelta;
use rest::{auth::verifier::Verifier, rate_limit::RateLimit};
use sqlx::PgPool;
use std::{num::NonZeroU32, sync::Arc};

/// The state that all requests share.
#[derive(Clone)]
pub(crate) struct AppState {
    /// The connections to the database.
    pub(crate) pool: PgPool,
    /// Hashes and verifies passwords.
    pub(crate) passwords: Passwords,
    /// Signs access tokens.
    pub(crate) signer: Arc<Signer>,
    /// Verifies the access tokens of requests.
    pub(crate) verifier: Verifier,
    /// The services that may request tokens.
    pub(crate) clients: Arc<ServiceClients>,
    /// The rate limits of each client address.
    pub(crate) limits: Arc<Limits>,
    /// The time after which an unused login expires.
    pub(crate) session_lifetime: TimeDelta,
    /// The name of the cookie with the refresh token.
    pub(crate) session_cookie_name: String,
    /// The path of `/session` as browsers see it. They send the cookie only to this path.
    pub(crate) session_cookie_path: String,
    /// Whether the last entry of `X-Forwarded-For` comes from a trusted gateway.
    pub(crate) trust_forwarded_for: bool,
}

impl FromRef<AppState> for Verifier {
    fn from_ref(state: &AppState) -> Self {
        state.verifier.clone()
    }
}

/// The rate limits of each client address. A limit per user name would let an attacker lock a user
/// out with wrong passwords.
pub(crate) struct Limits {
    pub(crate) login: RateLimit<ClientAddress>,
    pub(crate) register: RateLimit<ClientAddress>,
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

//! Access tokens. user-service signs them; every other service verifies them with its public keys.

pub mod caller;
mod extract;
pub mod service_token;
pub mod verifier;

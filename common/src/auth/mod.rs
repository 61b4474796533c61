//! Who calls. user-service signs tokens; every other service verifies them with its public keys.

pub mod caller;
pub mod claims;
mod known_tokens;
pub mod service_token;
pub mod verifier;

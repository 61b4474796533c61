//! Who calls. user-service signs tokens; every other service verifies them with its public keys.

pub mod caller;
pub mod claims;
pub mod service_token;
pub mod verifier;

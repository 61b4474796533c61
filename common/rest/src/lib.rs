//! HTTP between a client and a service: the server, its extractors and errors, token verification, and
//! clients of our services.

pub mod auth;
pub mod batcher;
pub mod client;
pub mod etag;
pub mod extract;
pub mod json;
pub mod listener;
mod observe;
pub mod openapi;
pub mod orders_client;
pub mod problem;
pub mod rate_limit;
pub mod server;
pub mod switches;
pub mod webhook;

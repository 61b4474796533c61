//! What every HTTP service does the same way: serving, errors, bodies, limits, health, and calling
//! one another.

pub mod client;
pub mod extract;
pub mod health;
pub mod json;
pub mod listener;
mod observe;
pub mod openapi;
pub mod orders_client;
pub mod problem;
pub mod proxy;
pub mod rate_limit;
pub mod server;
pub mod together;

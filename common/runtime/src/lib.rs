//! The parts that every process needs: configuration, lifecycle, logs, metrics, traces and health checks.
//!
//! A module belongs here only if at least two programs use it.

pub mod backoff;
pub mod causes;
pub mod config;
pub mod crash;
pub mod health;
pub mod http_client;
pub mod lifecycle;
pub mod outage;
pub mod telemetry;
pub mod trace;

//! What every program does as a process: configuration, lifecycle, logs, metrics, traces and health checks.
//!
//! A module is admitted when two programs use it today.

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

//! What Orderflow's services say to each other, and the plumbing for saying it.
//!
//! Nothing here makes a business decision: no SQL, no rule about an order's status. A module is
//! admitted when two crates use it today; its own documentation names them.

pub mod amqp;
pub mod auth;
pub mod backoff;
pub mod causes;
pub mod config;
pub mod contract;
pub mod crash;
pub mod database;
pub mod http;
pub mod lifecycle;
pub mod outage;
pub mod telemetry;
pub mod trace;

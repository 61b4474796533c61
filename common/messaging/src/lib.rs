//! RabbitMQ, as this system uses it.
//!
//! Used by order-service (relay and push), by the workers, and by operations-service (parked messages). Connections are rebuilt here rather than by lapin's own recovery, which does not bring back
//! publishes in flight, old deliveries or server-named queues. Every await on the broker is bounded:
//! a time-out counts as a lost connection.

mod acks;
pub mod address;
pub mod connection;
pub mod consumer;
pub mod declaring;
pub mod delivery;
pub mod error;
pub mod outcome;
mod patience;
pub mod publisher;
mod quarantine;
mod reason;
pub mod topology;

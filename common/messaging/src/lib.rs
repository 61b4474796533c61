//! RabbitMQ: topology, connections, publisher, relay, consumer loop, retry ladder and parking.
//!
//! Used by order-service (relay and push), by the workers, and by operations-service (parked messages). This crate
//! reconnects by itself. lapin's own recovery does not restore publishes in flight, old deliveries or server-named
//! queues. Every wait for the broker has a time limit; a time-out counts as a lost connection.

mod acks;
pub mod address;
pub mod connection;
pub mod consumer;
pub mod declaring;
pub mod delivery;
pub mod error;
pub mod idle;
pub mod outcome;
pub mod publisher;
mod quarantine;
mod reason;
pub mod relay;
mod retry_in_place;
pub mod topology;

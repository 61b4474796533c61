//! Faults at the worst moments. Each test injects a fault under load and then checks the invariants. The
//! numbers of the faults are those of docs/RELIABILITY.md.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::large_futures,
    reason = "a test that cannot continue panics with the reason"
)]

mod attacks;
mod broken;
mod broker;
mod cancels;
mod clock;
mod cluster;
mod crashes;
mod database;
mod deliveries;
mod descriptors;
mod discounts;
mod drain;
mod everything;
mod failover;
mod flow;
mod keys;
mod lost_charges;
mod network;
mod parking;
mod poison;
mod provider;
mod relays;
mod replays;
mod sessions;
mod shuffles;
mod sockets;
mod topology;
mod upgrade;

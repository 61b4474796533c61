//! What happens to orders when something breaks at the worst moment: each fault with load running, and
//! one checker at the end of each. The numbers are those of docs/RELIABILITY.md.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::large_futures,
    reason = "a test that cannot go on ends, and says why"
)]

mod attacks;
mod broken;
mod broker;
mod cancels;
mod clock;
mod cluster;
mod crashes;
mod database;
mod descriptors;
mod drain;
mod everything;
mod failover;
mod flow;
mod keys;
mod lost_charges;
mod network;
mod poison;
mod provider;
mod relays;
mod replays;
mod sessions;
mod shuffles;
mod sockets;
mod topology;
mod upgrade;

//! Tests of the whole system, with real services, PostgreSQL and RabbitMQ. Each file tests one feature.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot continue panics with the reason"
)]

mod bad_input;
mod broker_users;
mod catalogue;
mod cli;
mod databases;
mod decoders;
mod deliveries;
mod discounts;
mod documents;
mod gateway;
mod idempotency;
mod limits;
mod money;
mod openapi;
mod operations;
mod ownership;
mod paging;
mod parked;
mod push;
mod races;
mod reconcile;
mod refunds;
mod relay;
mod sockets;
mod startup;
mod status;
mod text;
mod tokens;
mod trace;
mod workers;

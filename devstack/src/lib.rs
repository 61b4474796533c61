//! Runs all of Orderflow on one machine.
//!
//! `./dev` uses this crate. Tests that cross processes use it to start an isolated system for each test, and
//! to stop, kill, pause, restart and scale its parts:
//!
//! ```no_run
//! # async fn test() -> anyhow::Result<()> {
//! let stack = devstack::Stack::builder().scale("order-service", 2).start().await?;
//! stack.kill("order-service", 1).await?;
//! let other = stack.url("order-service", 2)?;
//! # Ok(())
//! # }
//! ```

pub mod broker;
mod broker_users;
pub mod catalogue;
pub mod cli;
mod commands;
mod database;
pub mod instance;
mod leftovers;
pub mod logs;
mod plain_path;
pub mod ports;
pub mod postgres;
pub mod process;
mod progress;
pub mod rabbitmq;
mod secrets;
pub mod servers;
pub mod services;
pub mod shutdown;
mod slot;
pub mod stack;
pub mod tools;
pub mod web;
mod wiring;

pub use broker::Broker;
pub use servers::Servers;
pub use stack::{Credentials, Stack};

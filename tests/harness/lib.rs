//! The language that the system tests are written in: a shop, its customers and their orders.
//!
//! Everything behind it is real: PostgreSQL, RabbitMQ, and each service as a process of its own. A
//! test that disturbs nobody uses the shop that all share; one that kills, stops or configures parts
//! starts its own. Whatever is not as it must be ends the test with a panic that says so. Nothing
//! here waits for time to pass, only for something to become so, and not for ever.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on ends, and says why"
)]

mod answer;
mod checker;
mod command_line;
mod crash;
mod customer;
mod door;
mod eventually;
mod forge;
mod load;
mod order;
mod program;
mod provider;
mod seed;
mod shim;
mod shop;
mod shuffle;
mod tool;
mod traffic;
mod warehouse;
mod wire;

pub use answer::{Answer, answer, refusal};
pub use checker::{Checker, Invariant, Verdict, Violation};
pub use command_line::CommandLine;
pub use crash::dying;
pub use customer::{Customer, PASSWORD, Placing, unique};
pub use door::Door;
pub use eventually::{eventually, within};
pub use forge::Forge;
pub use load::{Diary, Load, Mix, Played, Sighting, Way};
pub use order::{PlacedOrder, STATUSES_OF_A_GOOD_ORDER};
pub use program::{Ended, Program};
pub use provider::{Account, Provider};
pub use seed::Seed;
pub use shim::{LD_PRELOAD, Shim};
pub use shop::Shop;
pub use shuffle::Shuffle;
pub use tool::tool;
pub use traffic::{LogLine, Message};
pub use warehouse::Shelf;
pub use wire::Wire;

/// A card that is always good.
pub const VISA: &str = "pm_card_visa";
/// A card that is always declined.
pub const DECLINED: &str = "pm_card_chargeDeclined";
/// The same, for want of money.
pub const INSUFFICIENT_FUNDS: &str = "pm_card_chargeDeclinedInsufficientFunds";

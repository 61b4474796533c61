//! The harness of the system tests: a shop, its customers and their orders.
//!
//! PostgreSQL, RabbitMQ and all services are real. Each service runs in its own process. A test that does not
//! disturb other tests uses the shared shop. A test that kills, stops or configures processes starts its own
//! shop. The harness panics with an explanation when an expectation fails. It waits for conditions with a
//! deadline, not for fixed times.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test that cannot continue panics with the reason"
)]

mod answer;
mod checker;
mod command_line;
mod crash;
mod customer;
mod deliveries;
mod door;
mod eventually;
mod forge;
mod load;
mod order;
mod parking;
mod products;
mod program;
mod promotions;
mod provider;
mod proxy;
mod seed;
mod shim;
mod shop;
mod shuffle;
mod tool;
mod traffic;

pub use answer::{Answer, answer, refusal};
pub use checker::{Checker, Invariant, Verdict, Violation};
pub use command_line::CommandLine;
pub use crash::dying;
pub use customer::{Customer, PASSWORD, Placing, unique};
pub use deliveries::{address, carrier_event};
pub use door::Door;
pub use eventually::{eventually, within};
pub use forge::Forge;
pub use load::{Behaviour, Diary, Load, LoadOutcome, Mix, Sighting};
pub use order::{PlacedOrder, STATUSES_OF_A_GOOD_ORDER};
pub use parking::POISON;
pub use products::Stock;
pub use program::{Ended, Program};
pub use promotions::{amount_off, percent_off};
pub use provider::{Account, Provider};
pub use proxy::Proxy;
pub use seed::Seed;
pub use shim::{LD_PRELOAD, Shim};
pub use shop::Shop;
pub use shuffle::Shuffle;
pub use tool::tool;
pub use traffic::{LogLine, Message};

/// A card that is always accepted.
pub const VISA: &str = "pm_card_visa";
/// A card that is always declined.
pub const DECLINED: &str = "pm_card_chargeDeclined";
/// A card that is always declined for insufficient funds.
pub const INSUFFICIENT_FUNDS: &str = "pm_card_chargeDeclinedInsufficientFunds";

//! The types that cross a process boundary: HTTP bodies and messages.
//!
//! Used by every service, `orderctl`, `devstack` and the tests. Types are additive. A field may be added
//! if readers can do without it. No field is renamed or removed while a queue or a client may still have
//! the old form. Golden-JSON tests in each file check the form.

pub mod addresses;
pub mod adjustment;
#[cfg(test)]
mod asyncapi;
pub mod catalog;
pub mod claims;
pub mod countries;
pub mod deliveries;
pub mod discounts;
pub mod events;
pub mod folding;
pub mod ids;
pub mod money;
pub mod orders;
pub mod page;
pub mod parked;
pub mod payments;
pub mod problems;
pub mod push;
pub mod text;
pub mod users;

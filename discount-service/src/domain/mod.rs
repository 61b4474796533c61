//! The rules of discounts, without HTTP and SQL.

mod allocation;
pub(crate) mod basket;
pub(crate) mod effect;
pub(crate) mod eligibility;
pub(crate) mod ledger;
pub(crate) mod listing;
pub(crate) mod pricing;
pub(crate) mod promotion;
mod reduction;
mod selection;
#[cfg(test)]
pub(crate) mod testing;

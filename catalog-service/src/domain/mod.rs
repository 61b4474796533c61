//! The catalogue's rules, without HTTP and without SQL.

pub(crate) mod listing;
pub(crate) mod product;
pub(crate) mod reservation;
pub(crate) mod warehouse;

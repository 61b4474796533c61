//! The rules of the catalogue, without HTTP and SQL.

pub(crate) mod listing;
pub(crate) mod product;
pub(crate) mod reservation;
pub(crate) mod warehouse;

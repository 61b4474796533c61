//! The rules of deliveries.

pub(crate) mod listing;
pub(crate) mod promise;
pub(crate) mod report;
pub(crate) mod shipment;

//! The rules of the simulated carrier.

pub(crate) mod parcel;

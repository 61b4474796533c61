//! Reads parked messages and validates requests. Without HTTP, SQL and AMQP.

pub(crate) mod arrival;
pub(crate) mod origin;
pub(crate) mod selection;

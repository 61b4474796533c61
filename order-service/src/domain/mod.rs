//! What an order is and how it moves, without HTTP, SQL or AMQP.

pub(crate) mod idempotency;
pub(crate) mod limits;
pub(crate) mod placing;
pub(crate) mod status;

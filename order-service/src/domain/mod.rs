//! The rules for orders and their statuses, without HTTP, SQL and AMQP.

pub(crate) mod idempotency;
pub(crate) mod limits;
pub(crate) mod placing;
pub(crate) mod status;

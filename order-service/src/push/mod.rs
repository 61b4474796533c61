//! Pushes live statuses over WebSockets.
//!
//! Each replica receives all events ([`feed`]) and routes them to its sockets ([`hub`]). Each socket sends
//! the versions of an order without a gap ([`socket`], [`progress`]). A replica keeps no state that another
//! one would need. A client that reconnects to another replica catches up from the database.

mod check;
pub(crate) mod connection;
mod deliveries;
pub(crate) mod feed;
pub(crate) mod hub;
mod progress;
mod replay;
pub(crate) mod socket;
mod watch;

//! Live statuses. Every replica gets every event ([`feed`]), knows which of its sockets want it
//! ([`hub`]), and each socket sees to it that versions come without a gap ([`socket`],
//! [`progress`]). A replica keeps nothing that another would need: a client that reconnects
//! elsewhere catches up from the database.

mod check;
pub(crate) mod connection;
pub(crate) mod feed;
pub(crate) mod hub;
mod progress;
mod replay;
pub(crate) mod socket;
mod watch;

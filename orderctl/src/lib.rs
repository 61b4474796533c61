//! A typed client of Orderflow's HTTP and WebSocket interfaces.
//!
//! [`Client`] needs no login. [`Session`] is a logged-in user. [`Watch`] follows orders and reconnects by
//! itself. [`Socket`] is a single connection without reconnection. Every wait on the network has a time
//! limit. The command line of this crate, `devstack` and the system tests use this library.

mod client;
mod endpoints;
mod error;
mod follow;
mod http;
mod live;
mod proxied;
mod reconcile;
mod session;
mod session_file;
mod socket;
mod socket_error;
mod token_keeper;
mod tokens;
mod versions;
mod watch;

pub use client::{Client, ProductQuery};
pub use endpoints::Endpoints;
pub use error::{Error, FileError};
pub use follow::Follow;
pub use reconcile::{Books, Comparison, Difference, DifferenceKind};
pub use reqwest::Url;
pub use session::{ChargeQuery, OrderQuery, Session};
pub use session_file::{Saved, SessionFile};
pub use socket::Socket;
pub use socket_error::SocketError;
pub use tokens::Tokens;
pub use watch::{Update, Watch};

//! A typed client of Orderflow's HTTP and WebSocket interfaces.
//!
//! [`Client`] needs no login. [`Session`] is a logged-in user. [`Watch`] follows orders and reconnects by
//! itself. [`Socket`] is a single connection without reconnection. Every wait on the network has a time
//! limit. The command line of this crate, `devstack` and the system tests use this library.

mod client;
mod endpoints;
mod error;
mod http;
mod live;
mod proxied;
mod reconcile;
mod session;
mod session_file;
mod socket;
mod tokens;
mod versions;
mod watch;

pub use client::{Client, ProductQuery};
pub use endpoints::Endpoints;
pub use error::Error;
pub use reconcile::{Books, Comparison, Difference, DifferenceKind};
pub use reqwest::Url;
pub use session::{ChargeQuery, OrderQuery, Session};
pub use session_file::{FileError, Saved, SessionFile};
pub use socket::{Socket, SocketError};
pub use tokens::Tokens;
pub use watch::{Follow, Update, Watch};

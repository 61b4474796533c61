//! Orderflow's client: its HTTP and its WebSocket, typed.
//!
//! [`Client`] needs no login, [`Session`] is a user who has logged in. [`Watch`] follows orders across
//! lost connections; [`Socket`] is one connection and hides nothing. Every wait on the network is
//! bounded. Used by the command line of this crate, by `devstack` and by the system tests.

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

//! The rules for accounts, sessions and service clients, without HTTP and SQL.

pub(crate) mod client_address;
pub(crate) mod email;
pub(crate) mod password;
pub(crate) mod refresh_token;
pub(crate) mod service_client;
pub(crate) mod username;

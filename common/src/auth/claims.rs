//! What a token says. Written by user-service, read by every service.

use crate::contract::users::Role;
use serde::{Deserialize, Serialize};

/// May say what became of an order's stock: `reserved`, `rejected`, `completed`.
pub const ORDERS_STOCK: &str = "orders:stock";
/// May say what became of an order's payment: `paid`, `payment_failed`, `refunded`.
pub const ORDERS_PAYMENT: &str = "orders:payment";
/// May reserve stock.
pub const RESERVATIONS_WRITE: &str = "reservations:write";

/// The claims of an access token (RFC 7519, RFC 9068). Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who signed it.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// A user's id, or a service's name.
    pub sub: String,
    /// Not good after.
    pub exp: u64,
    /// Not good before.
    pub nbf: u64,
    /// Signed at.
    pub iat: u64,
    /// The token's own id.
    pub jti: String,
    /// For people: what they may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// For services: what they may do, separated by spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

//! The claims of access tokens. user-service writes them, every service reads them.

use crate::users::Role;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The largest accepted difference between two clocks. A token is accepted until this long after its `exp`.
pub const LEEWAY: Duration = Duration::from_secs(30);

/// Scope: set the stock states of an order: `reserved`, `rejected`, `completed`.
pub const ORDERS_STOCK: &str = "orders:stock";
/// Scope: set the payment states of an order: `paid`, `payment_failed`, `refunded`.
pub const ORDERS_PAYMENT: &str = "orders:payment";
/// Scope: read what a delivery needs: completed orders with their shipping addresses.
pub const ORDERS_DELIVERY: &str = "orders:delivery";
/// Scope: reserve stock.
pub const RESERVATIONS_WRITE: &str = "reservations:write";
/// Scope: claim the use of promotions for orders.
pub const DISCOUNTS_CLAIM: &str = "discounts:claim";

/// The claims of an access token (RFC 7519, RFC 9068). Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer.
    pub iss: String,
    /// The audience.
    pub aud: String,
    /// The id of a user, or the name of a service.
    pub sub: String,
    /// The token is not valid after this time.
    pub exp: u64,
    /// The token is not valid before this time.
    pub nbf: u64,
    /// The time of signing.
    pub iat: u64,
    /// The id of the token.
    pub jti: String,
    /// The role of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The scopes of a service, separated by spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

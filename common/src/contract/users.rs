//! What user-service takes and answers.

use super::ids::UserId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Places orders and sees their own.
    Customer,
    /// Keeps the catalogue and sees every order.
    Staff,
}

/// Body of `POST /register`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// 3 to 32 letters, digits, `.`, `_` or `-`; unique, whatever its case.
    #[schema(example = "ada")]
    pub username: String,
    /// Unique, whatever its case.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// 8 characters to 72 bytes (the most that bcrypt reads).
    #[schema(example = "correct horse battery")]
    pub password: String,
}

/// Body of `POST /login`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The name given at registration.
    #[schema(example = "ada")]
    pub username: String,
    /// The password given at registration.
    #[schema(example = "correct horse battery")]
    pub password: String,
}

/// Body of `POST /refresh` and `POST /logout`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The latest refresh token; each works once.
    pub refresh_token: String,
}

/// Answer of `POST /login` and `POST /refresh`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenPair {
    /// A JWT, sent as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer` (RFC 6750).
    pub token_type: String,
    /// Seconds until the access token ends.
    pub expires_in: u64,
    /// Opaque; works once, for the next pair.
    pub refresh_token: String,
}

/// Body of `POST /token`: OAuth 2 client credentials (RFC 6749, section 4.4), form-encoded.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ClientCredentials {
    /// Always `client_credentials`.
    pub grant_type: String,
    /// The service's name.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Scopes, separated by spaces; all that the client has where this is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// Answer of `POST /token`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ServiceToken {
    /// A JWT.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until it ends.
    pub expires_in: u64,
    /// The scopes granted, separated by spaces.
    pub scope: String,
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Their id; the `sub` of their tokens.
    pub id: UserId,
    /// Their name, as they wrote it.
    pub username: String,
    /// Their e-mail address, as they wrote it.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// When they registered.
    pub created_at: DateTime<Utc>,
}

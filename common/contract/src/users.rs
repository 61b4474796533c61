//! The requests and answers of user-service.

use crate::ids::UserId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The role of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Places orders and sees only their own.
    Customer,
    /// Manages the catalogue and sees every order.
    Staff,
}

/// Body of `POST /register`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// 3 to 32 letters, digits, `.`, `_` or `-`; unique, whatever its case.
    #[schema(example = "ada", pattern = "^[A-Za-z0-9._-]{3,32}$")]
    pub username: String,
    /// Unique, whatever its case.
    #[schema(example = "ada@example.com", format = Email, max_length = 254)]
    pub email: String,
    /// 8 characters to 72 bytes (the most that bcrypt reads) in normalisation form C, without the character NUL.
    #[schema(example = "correct horse battery", min_length = 8, max_length = 72, pattern = r"^[^\u0000]*$")]
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
    /// The latest refresh token. Each token works once.
    #[schema(example = "AaH_jwNZc46LPehT2G5nczvc0kS0GSovIaTSrlEMhACg1P7sHal4P8zSpLFEKNqa")]
    pub refresh_token: String,
}

/// Answer of `POST /login` and `POST /refresh`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenPair {
    /// A JWT, sent as `Authorization: Bearer …`.
    #[schema(example = "eyJhbGciOiJFZERTQSIsImtpZCI6IuKApiJ9.eyJzdWIiOiLigKYifQ.MDEyMzQ1Njc4OQ")]
    pub access_token: String,
    /// Always `Bearer` (RFC 6750).
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// Seconds until the access token ends.
    #[schema(example = 900)]
    pub expires_in: u64,
    /// An opaque token. It works once, for the next pair.
    #[schema(example = "AaH_jwNZc46LPehT2G5nczvc0kS0GSovIaTSrlEMhACg1P7sHal4P8zSpLFEKNqa")]
    pub refresh_token: String,
}

/// Body of `POST /token`: OAuth 2 client credentials (RFC 6749, section 4.4), form-encoded.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ClientCredentials {
    /// Always `client_credentials`.
    #[schema(example = "client_credentials")]
    pub grant_type: String,
    /// The service's name.
    #[schema(example = "order-processor")]
    pub client_id: String,
    /// Its secret.
    #[schema(example = "a long random text")]
    pub client_secret: String,
    /// Scopes, separated by spaces. If missing, all scopes of the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "orders:stock reservations:write")]
    pub scope: Option<String>,
}

/// Answer of `POST /token`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ServiceToken {
    /// A JWT.
    #[schema(example = "eyJhbGciOiJFZERTQSIsImtpZCI6IuKApiJ9.eyJzdWIiOiLigKYifQ.MDEyMzQ1Njc4OQ")]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// Seconds until it ends.
    #[schema(example = 900)]
    pub expires_in: u64,
    /// The scopes granted, separated by spaces.
    #[schema(example = "orders:stock reservations:write")]
    pub scope: String,
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Their id; the `sub` of their tokens.
    pub id: UserId,
    /// Their name, as they wrote it.
    #[schema(example = "ada")]
    pub username: String,
    /// Their e-mail address, as they wrote it.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// Their role.
    pub role: Role,
    /// When they registered.
    pub created_at: DateTime<Utc>,
}

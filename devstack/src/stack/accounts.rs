//! The accounts of a stack and their passwords.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::Stack;

pub(super) const STAFF: &str = "staff";
const CUSTOMER: &str = "customer";

/// The user name and the password of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
}

impl Stack {
    /// The first staff user.
    #[must_use]
    pub fn staff(&self) -> Credentials {
        Credentials { username: STAFF.to_owned(), password: self.secrets.staff.clone() }
    }

    /// The customer whom only `./dev up` registers.
    pub(crate) fn customer(&self) -> Credentials {
        Credentials { username: CUSTOMER.to_owned(), password: self.secrets.customer.clone() }
    }

    /// The API key for the payment provider.
    #[must_use]
    pub fn payment_provider_key(&self) -> String {
        format!("sk_test_{}", self.secrets.payment_provider)
    }

    /// The secret with which the carrier signs its webhooks.
    #[must_use]
    pub fn carrier_webhook_secret(&self) -> &str {
        &self.secrets.carrier_webhook
    }

    /// The client id and secret with which a worker requests its tokens.
    pub fn service_client(&self, service: &str) -> Result<Credentials> {
        let secret = self.secrets.client(service)?;
        Ok(Credentials { username: service.to_owned(), password: secret.to_owned() })
    }
}

//! One line of the ledger file.

use crate::domain::{payment_intent::PaymentIntent, refund::Refund};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A decision: its change and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The time of the decision.
    pub at: DateTime<Utc>,
    /// The change, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
    /// The answer, if the request had an idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<SavedAnswer>,
}

/// A change of the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry {
    /// A card was charged or declined.
    PaymentIntent(PaymentIntent),
    /// A payment was refunded.
    Refund(Refund),
}

/// A request that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Call {
    /// The `Idempotency-Key`.
    pub key: Option<String>,
    /// The path.
    pub path: String,
    /// The parameters.
    pub parameters: BTreeMap<String, String>,
}

/// The saved answer of an idempotency key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedAnswer {
    /// The first request with the key.
    pub call: Call,
    /// The answer.
    pub answer: Answer,
}

impl SavedAnswer {
    /// The answer to a call.
    pub(crate) const fn new(call: Call, answer: Answer) -> Self {
        Self { call, answer }
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: serde_json::Value,
}

impl Answer {
    /// An answer with this body.
    pub(crate) fn new(status: StatusCode, body: &impl Serialize) -> Self {
        // Serialization fails only for maps with keys that are not strings. No body has one.
        Self { status: status.as_u16(), body: serde_json::to_value(body).unwrap_or_default() }
    }
}

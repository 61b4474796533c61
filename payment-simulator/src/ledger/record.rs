//! One line of the ledger's file.

use crate::domain::{payment_intent::PaymentIntent, refund::Refund};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One decision: what it changed and what was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// What it changed, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
    /// The answer, where the request came with an idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<SavedAnswer>,
}

/// A change of the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry {
    /// A card was charged, or refused.
    PaymentIntent(PaymentIntent),
    /// Money went back.
    Refund(Refund),
}

/// A request that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Call {
    /// Its `Idempotency-Key`.
    pub key: Option<String>,
    /// Its path.
    pub path: String,
    /// Its parameters.
    pub parameters: BTreeMap<String, String>,
}

/// An answer that an idempotency key gets again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedAnswer {
    /// The request that it answered first.
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
        // Only a map with keys that are no strings would not become JSON, and no body has one.
        Self { status: status.as_u16(), body: serde_json::to_value(body).unwrap_or_default() }
    }
}

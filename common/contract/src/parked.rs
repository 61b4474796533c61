//! Parked messages, as operations-service shows them to staff, and the requests to replay or discard them.

use crate::ids::{OrderId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The largest number of messages in one request to replay or discard.
pub const MAX_SELECTED: usize = 100;

/// The state of a parked message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParkedState {
    /// It waits for staff.
    #[default]
    Parked,
    /// It was sent back to its work queue.
    Replayed,
    /// Staff decided that it is not needed.
    Discarded,
}

impl ParkedState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Parked, Self::Replayed, Self::Discarded];

    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parked => "parked",
            Self::Replayed => "replayed",
            Self::Discarded => "discarded",
        }
    }
}

impl fmt::Display for ParkedState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The main facts of a parked message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParkedSummary {
    /// The id of this parked copy. A message that is parked again gets another one.
    #[schema(example = "01900000-0000-7000-8000-000000000009")]
    pub id: Uuid,
    /// The message's own id, which a replay keeps.
    #[schema(example = "01900000-0000-7000-8000-000000000007")]
    pub message_id: Option<String>,
    /// The work queue that it came from, if the message says so.
    #[schema(example = "payment-worker")]
    pub queue: Option<String>,
    /// The name of its event, as the publisher gave it.
    #[serde(rename = "type")]
    #[schema(example = "order_reserved")]
    pub kind: Option<String>,
    /// The order that it is about, as the publisher gave it.
    #[schema(example = "01900000-0000-7000-8000-000000000004")]
    pub order_id: Option<String>,
    /// The reason of parking.
    #[schema(example = "given up: the payment provider does not answer")]
    pub reason: String,
    /// The number of failed attempts before.
    #[schema(value_type = u64, example = 4)]
    pub attempt: u32,
    /// The time of its event.
    pub at: Option<DateTime<Utc>>,
    /// The time of parking, if the program that parked it gave one.
    pub parked_at: Option<DateTime<Utc>>,
    /// The time at which operations-service stored it.
    pub received_at: DateTime<Utc>,
    /// The size of its body.
    #[schema(example = 412)]
    pub bytes: u64,
    /// Its state.
    pub state: ParkedState,
}

/// A parked message with its headers and body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParkedMessage {
    /// The main facts.
    #[serde(flatten)]
    pub summary: ParkedSummary,
    /// All headers.
    #[schema(value_type = Object)]
    pub headers: Map<String, Value>,
    /// Its body as text. Bytes that are not UTF-8 are replaced.
    #[schema(example = r#"{"schema":1}"#)]
    pub body: String,
    /// Whether the answer has only the first 64 KiB of the body.
    pub body_is_cut: bool,
    /// The time of the replay or discard.
    pub settled_at: Option<DateTime<Utc>>,
    /// The last action on it, an entry of `GET /parked/audit`.
    pub audit_id: Option<Uuid>,
}

/// One page of parked messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParkedPage {
    /// The messages that came first are first.
    pub items: Vec<ParkedSummary>,
    /// The `cursor` of the next page; `null` on the last one.
    pub next_cursor: Option<String>,
    /// The number of messages on all pages, counted after this page was read.
    #[schema(example = 1)]
    pub total: u64,
}

/// Which messages to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ParkedQuery {
    /// Only messages from this work queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(example = "payment-worker")]
    pub queue: Option<String>,
    /// Only this event.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[param(example = "order_reserved")]
    pub kind: Option<String>,
    /// Only messages about this order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// Only messages with this id of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Only messages in this state. The default is `parked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    pub state: Option<ParkedState>,
    /// Only messages that were parked at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(example = "2026-01-02T03:04:05Z")]
    pub since: Option<DateTime<Utc>>,
    /// The number of messages on a page, 1 to 100. The default is 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100, example = 20)]
    pub limit: Option<u32>,
    /// `next_cursor` of the previous page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A filter that chooses parked messages. An empty filter chooses all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ParkedFilter {
    /// Only messages from this work queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "payment-worker")]
    pub queue: Option<String>,
    /// Only this event.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(example = "order_reserved")]
    pub kind: Option<String>,
    /// Only messages about this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// Only messages with this id of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Only messages that were parked at this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
}

/// Body of `POST /parked/replay` and `POST /parked/discard`: the messages by `ids` or by `filter`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ParkedSelection {
    /// The ids of 1 to 100 parked messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 100)]
    pub ids: Option<Vec<Uuid>>,
    /// A filter. The request handles the first 100 messages that match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<ParkedFilter>,
    /// With a filter: `next_cursor` of the previous answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Only answers what would happen.
    #[serde(default)]
    pub dry_run: bool,
    /// Why, for the audit: up to 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500, example = "the provider is back")]
    pub reason: Option<String>,
}

/// The outcomes of a [`ParkedSelection`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParkedResults {
    /// Whether this only says what would happen. Then the broker was not asked.
    pub dry_run: bool,
    /// Each message.
    pub items: Vec<ParkedResult>,
    /// More messages match the filter. Repeat the request with this `cursor` for the next ones; `null` if there are none.
    pub next_cursor: Option<String>,
}

/// The outcome for one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParkedResult {
    /// The id of the parked copy.
    #[schema(example = "01900000-0000-7000-8000-000000000009")]
    pub id: Uuid,
    /// The message's own id.
    pub message_id: Option<String>,
    /// The work queue that it came from.
    #[schema(example = "payment-worker")]
    pub queue: Option<String>,
    /// The order that it is about.
    pub order_id: Option<String>,
    /// The outcome.
    pub outcome: ParkedOutcome,
}

/// The outcome of an action on one parked message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParkedOutcome {
    /// It is back in its work queue.
    Replayed,
    /// It is discarded.
    Discarded,
    /// Still parked: the message does not say where it came from.
    UnknownOrigin,
    /// Still parked: its work queue does not exist.
    NoQueue,
    /// Still parked: the broker did not take it, because its queue is full, for example.
    Refused,
    /// Nothing was changed: it was replayed or discarded before.
    NotParked,
    /// Nothing was changed: another request is replaying it.
    InUse,
    /// There is no parked message with this id.
    NotFound,
}

impl ParkedOutcome {
    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replayed => "replayed",
            Self::Discarded => "discarded",
            Self::UnknownOrigin => "unknown_origin",
            Self::NoQueue => "no_queue",
            Self::Refused => "refused",
            Self::NotParked => "not_parked",
            Self::InUse => "in_use",
            Self::NotFound => "not_found",
        }
    }

    /// Whether the message was replayed or discarded.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Replayed | Self::Discarded)
    }
}

/// Answer of `POST /parked/{id}/replay`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReplayedMessage {
    /// The id of the parked copy.
    #[schema(example = "01900000-0000-7000-8000-000000000009")]
    pub id: Uuid,
    /// The work queue that it is back in. Always one.
    #[schema(example = json!(["payment-worker"]))]
    pub queues: Vec<String>,
}

/// An action of staff on parked messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParkedAction {
    /// Send them back to their work queues.
    Replay,
    /// Decide that they are not needed.
    Discard,
}

impl ParkedAction {
    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Discard => "discard",
        }
    }
}

/// One action of staff on parked messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParkedAuditEntry {
    /// Its id.
    pub id: Uuid,
    /// The time of the action.
    pub at: DateTime<Utc>,
    /// The member of staff.
    pub user_id: UserId,
    /// The action.
    pub action: ParkedAction,
    /// Why, in the words of the user.
    pub reason: Option<String>,
    /// The filter that chose the messages; `null` if the request named their ids.
    pub filter: Option<ParkedFilter>,
    /// The parked messages that the action was for.
    pub ids: Vec<Uuid>,
    /// The number of messages by outcome; `null` if the action has not ended, or was cut short by a crash.
    #[schema(example = json!({ "replayed": 3, "no_queue": 1 }))]
    pub outcomes: Option<BTreeMap<String, u64>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parked_message_as_json() {
        let json = r#"{"id":"01900000-0000-7000-8000-000000000009","message_id":"m-1","queue":"payment-worker","type":"order_reserved","order_id":null,"reason":"no answer","attempt":4,"at":null,"parked_at":"2026-01-02T03:04:05Z","received_at":"2026-01-02T03:04:06Z","bytes":2,"state":"parked","headers":{"x-attempt":4},"body":"{}","body_is_cut":false,"settled_at":null,"audit_id":null}"#;
        let message: ParkedMessage = serde_json::from_str(json).unwrap();
        assert_eq!((message.summary.state, message.summary.attempt), (ParkedState::Parked, 4));
        assert_eq!(serde_json::to_string(&message).unwrap(), json);
    }

    #[test]
    fn a_selection_as_json() {
        let json = r#"{"filter":{"queue":"payment-worker","type":"order_reserved"},"dry_run":true,"reason":"the provider is back"}"#;
        let selection: ParkedSelection = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&selection).unwrap(), json);
        assert!(!serde_json::from_str::<ParkedSelection>(r#"{"ids":[]}"#).unwrap().dry_run);
        assert!(serde_json::from_str::<ParkedSelection>(r#"{"filter":{"state":"parked"}}"#).is_err());
    }

    #[test]
    fn names_are_those_of_the_json() {
        for state in ParkedState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        for outcome in [
            ParkedOutcome::Replayed,
            ParkedOutcome::Discarded,
            ParkedOutcome::UnknownOrigin,
            ParkedOutcome::NoQueue,
            ParkedOutcome::Refused,
            ParkedOutcome::NotParked,
            ParkedOutcome::InUse,
            ParkedOutcome::NotFound,
        ] {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
        }
    }
}

//! Requests that choose parked messages, validated.

use contract::{
    ids::UserId,
    parked::{MAX_SELECTED, ParkedFilter, ParkedQuery, ParkedSelection, ParkedState},
    problems::FieldError,
};
use std::collections::HashSet;
use uuid::Uuid;

const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 100;
const MAX_REASON_CHARACTERS: usize = 500;

/// An action of a member of staff, as the audit records it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Action {
    pub user_id: UserId,
    pub reason: Option<String>,
    /// The filter that chose the messages, if the request did not name them.
    pub filter: Option<ParkedFilter>,
}

impl Action {
    /// An action without a reason.
    #[cfg(test)]
    pub(crate) fn of(user_id: UserId) -> Self {
        Self { user_id, reason: None, filter: None }
    }
}

/// Many messages to replay or discard.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    pub messages: Messages,
    pub dry_run: bool,
    pub reason: Option<String>,
}

/// The messages of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Messages {
    Ids(Vec<Uuid>),
    /// All parked messages that match the filter and follow `after`.
    Matching {
        filter: ParkedFilter,
        after: Uuid,
    },
}

impl Messages {
    /// The filter, for the audit.
    pub(crate) fn filter(&self) -> Option<ParkedFilter> {
        match self {
            Self::Ids(_) => None,
            Self::Matching { filter, .. } => Some(filter.clone()),
        }
    }
}

impl Selection {
    /// Validates a request. The error names every invalid field.
    pub(crate) fn parse(request: ParkedSelection) -> Result<Self, Vec<FieldError>> {
        let ParkedSelection { ids, filter, cursor, dry_run, reason } = request;
        let mut errors = Vec::new();
        let reason = checked_reason(reason, "/reason", &mut errors);
        let messages = match (ids, filter) {
            (Some(ids), None) => {
                if !(1..=MAX_SELECTED).contains(&ids.len()) {
                    let count = ids.len();
                    let detail = format!(
                        "a request names 1 to {MAX_SELECTED} ids, not {count}; send several requests"
                    );
                    errors.push(FieldError::new("/ids", detail));
                }
                if cursor.is_some() {
                    errors.push(FieldError::new(
                        "/cursor",
                        "a cursor belongs to a filter; leave it out with `ids`",
                    ));
                }
                let mut seen = HashSet::new();
                Messages::Ids(ids.into_iter().filter(|id| seen.insert(*id)).collect())
            }
            (None, Some(filter)) => {
                check_filter(&filter, "/filter/", &mut errors);
                Messages::Matching { filter, after: after(cursor.as_deref(), "/cursor", &mut errors) }
            }
            (Some(_), Some(_)) => {
                errors.push(FieldError::new(
                    "/filter",
                    "choose the messages by `ids` or by `filter`, not by both",
                ));
                Messages::Ids(Vec::new())
            }
            (None, None) => {
                let detail =
                    "name the messages in `ids`, or choose them by `filter`; an empty filter chooses all";
                errors.push(FieldError::new("/ids", detail));
                Messages::Ids(Vec::new())
            }
        };
        if errors.is_empty() { Ok(Self { messages, dry_run, reason }) } else { Err(errors) }
    }
}

/// The query of a list, validated.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    pub filter: ParkedFilter,
    pub state: ParkedState,
    pub limit: u32,
    /// Only messages with a larger id.
    pub after: Uuid,
}

impl Listing {
    /// Validates a query. The error names every invalid parameter.
    pub(crate) fn parse(query: ParkedQuery) -> Result<Self, Vec<FieldError>> {
        let ParkedQuery { queue, kind, order_id, message_id, state, since, limit, cursor } = query;
        let mut errors = Vec::new();
        let filter = ParkedFilter { queue, kind, order_id, message_id, since };
        check_filter(&filter, "", &mut errors);
        let limit = checked_limit(limit, "messages", &mut errors);
        let after = after(cursor.as_deref(), "cursor", &mut errors);
        let listing = Self { filter, state: state.unwrap_or_default(), limit, after };
        if errors.is_empty() { Ok(listing) } else { Err(errors) }
    }
}

/// The size of a page of `things`.
pub(crate) fn checked_limit(limit: Option<u32>, things: &str, errors: &mut Vec<FieldError>) -> u32 {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        errors.push(FieldError::new("limit", format!("a page has 1 to {MAX_LIMIT} {things}, not {limit}")));
    }
    limit
}

/// The id in a cursor.
pub(crate) fn cursor_id(cursor: &str, pointer: &str, errors: &mut Vec<FieldError>) -> Option<Uuid> {
    let id = cursor.parse().ok();
    if id.is_none() {
        let detail = "not a cursor of this list; use `next_cursor` of the previous page";
        errors.push(FieldError::new(pointer, detail));
    }
    id
}

/// The reason of an action: text for the audit, or nothing.
pub(crate) fn checked_reason(
    reason: Option<String>,
    pointer: &str,
    errors: &mut Vec<FieldError>,
) -> Option<String> {
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty())?;
    let count = reason.chars().count();
    if count > MAX_REASON_CHARACTERS {
        let detail = format!("a reason has up to {MAX_REASON_CHARACTERS} characters, not {count}");
        errors.push(FieldError::new(pointer, detail));
    }
    check_text(&reason, pointer, errors);
    Some(reason)
}

fn after(cursor: Option<&str>, pointer: &str, errors: &mut Vec<FieldError>) -> Uuid {
    cursor.and_then(|cursor| cursor_id(cursor, pointer, errors)).unwrap_or(Uuid::nil())
}

fn check_filter(filter: &ParkedFilter, prefix: &str, errors: &mut Vec<FieldError>) {
    for (name, text) in [("queue", &filter.queue), ("type", &filter.kind), ("message_id", &filter.message_id)]
    {
        if let Some(text) = text {
            check_text(text, &format!("{prefix}{name}"), errors);
        }
    }
}

/// PostgreSQL stores no NUL, so no stored text has one.
fn check_text(text: &str, pointer: &str, errors: &mut Vec<FieldError>) {
    if text.contains('\0') {
        errors.push(FieldError::new(pointer, "a text cannot contain the character NUL; remove it"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn selection(body: Value) -> Result<Selection, Vec<String>> {
        let named = |errors: Vec<FieldError>| errors.into_iter().map(|error| error.pointer).collect();
        Selection::parse(serde_json::from_value(body).unwrap()).map_err(named)
    }

    #[test]
    fn messages_are_chosen_by_ids_or_by_a_filter() {
        let id = Uuid::now_v7();
        let chosen = selection(json!({ "ids": [id, id], "reason": " why " })).unwrap();
        assert_eq!((chosen.messages, chosen.reason.as_deref()), (Messages::Ids(vec![id]), Some("why")));
        let all = selection(json!({ "filter": {}, "dry_run": true, "cursor": id })).unwrap();
        assert_eq!(all.messages, Messages::Matching { filter: ParkedFilter::default(), after: id });
        assert!(all.dry_run && all.reason.is_none());
    }

    #[test]
    fn every_invalid_field_is_named() {
        let id = Uuid::now_v7();
        let many = vec![id; 101];
        let long = "x".repeat(501);
        for (body, fields) in [
            (json!({}), vec!["/ids"]),
            (json!({ "ids": [id], "filter": {} }), vec!["/filter"]),
            (json!({ "ids": [], "reason": long }), vec!["/reason", "/ids"]),
            (json!({ "ids": many, "cursor": "x" }), vec!["/ids", "/cursor"]),
            (json!({ "filter": { "queue": "\0" }, "cursor": "x" }), vec!["/filter/queue", "/cursor"]),
            (json!({ "ids": [id], "reason": "a\0b" }), vec!["/reason"]),
        ] {
            assert_eq!(selection(body.clone()).unwrap_err(), fields, "{body}");
        }
    }

    #[test]
    fn a_list_has_1_to_100_messages_and_shows_parked_ones() {
        let parse = |limit, cursor: Option<&str>| {
            Listing::parse(ParkedQuery { limit, cursor: cursor.map(str::to_owned), ..ParkedQuery::default() })
        };
        let default = parse(None, None).unwrap();
        assert_eq!((default.limit, default.state, default.after), (20, ParkedState::Parked, Uuid::nil()));
        let errors = parse(Some(0), Some("x")).unwrap_err();
        assert_eq!(errors.iter().map(|error| &*error.pointer).collect::<Vec<_>>(), ["limit", "cursor"]);
        assert!(parse(Some(101), None).is_err());
    }
}

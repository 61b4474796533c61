//! Pages of what is parked.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use contract::problems::FieldError;
use messaging::parking::{self, Summary};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;
/// A list is of no more messages than this: each has to be taken out and put back for it. Those that
/// come up first stay the same, until they are dealt with.
pub(crate) const MOST: usize = 1_000;

/// The query of `GET /parked`, as sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Messages on a page, 1 to 100; 20 where this is missing.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The same, checked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    limit: usize,
    after: Option<Position>,
}

/// A place in the list, see [`Summary::position`].
type Position = (Option<DateTime<Utc>>, String);

/// One page of what is parked.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ParkedPage {
    /// Those that have been parked for longest come first.
    pub(crate) items: Vec<Summary>,
    /// Give this as `cursor` to get the next page; `null` on the last one.
    pub(crate) next_cursor: Option<String>,
    /// How many are parked in all. Of more than 1,000, pages are of the first 1,000; the others come up
    /// when those are dealt with.
    #[schema(example = 1)]
    pub(crate) total: usize,
}

impl Listing {
    /// Checks a query, naming every bad parameter.
    pub(crate) fn parse(query: &ListQuery) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let expected = format!("a page has 1 to {MAX_LIMIT} messages, not {limit}");
            errors.push(FieldError::new("limit", expected));
        }
        let after = query.cursor.as_deref().map(read_cursor);
        if after == Some(None) {
            let expected = "not a cursor of this list; give `next_cursor` of the page before";
            errors.push(FieldError::new("cursor", expected));
        }
        if errors.is_empty() { Ok(Self { limit, after: after.flatten() }) } else { Err(errors) }
    }

    /// The page, of all that was found. Messages with one place, which have one id, are not parted:
    /// the page is longer by them.
    pub(crate) fn page(&self, found: parking::Listing) -> ParkedPage {
        let parking::Listing { mut messages, total } = found;
        if let Some((at, id)) = &self.after {
            messages.retain(|message| message.position() > (*at, id.as_str()));
        }
        let last = messages.get(self.limit - 1).map(Summary::position);
        let end = messages.iter().position(|message| last.is_some_and(|last| message.position() > last));
        let next_cursor = end.and(last).map(|(at, id)| cursor_after(at, id));
        messages.truncate(end.unwrap_or(messages.len()));
        ParkedPage { items: messages, next_cursor, total }
    }
}

/// Opaque to clients, so that the list's order may change.
fn cursor_after(at: Option<DateTime<Utc>>, id: &str) -> String {
    let at = at.map(|at| at.timestamp().to_string()).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(format!("{at} {id}"))
}

fn read_cursor(cursor: &str) -> Option<Position> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (at, id) = text.split_once(' ')?;
    let at = match at {
        "" => None,
        seconds => Some(DateTime::from_timestamp(seconds.parse().ok()?, 0)?),
    };
    Some((at, id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(at: Option<i64>, id: &str) -> Summary {
        Summary {
            id: id.to_owned(),
            queue: None,
            kind: None,
            order_id: None,
            reason: String::new(),
            attempt: 0,
            at: None,
            parked_at: at.map(|at| DateTime::from_timestamp(at, 0).unwrap()),
            bytes: 0,
        }
    }

    /// The ids on each page, when somebody goes through all of them.
    fn pages(messages: &[Summary], limit: usize) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut cursor = None;
        loop {
            let listing = Listing::parse(&ListQuery { limit: Some(limit), cursor }).unwrap();
            let total = messages.len();
            let page = listing.page(parking::Listing { messages: messages.to_vec(), total });
            assert_eq!(page.total, total);
            pages.push(page.items.into_iter().map(|message| message.id).collect());
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => return pages,
            }
        }
    }

    #[test]
    fn pages_follow_each_other() {
        let messages =
            [message(None, "c"), message(Some(1), "a"), message(Some(1), "b"), message(Some(2), "a")];
        assert_eq!(pages(&messages, 1), [["c"], ["a"], ["b"], ["a"]]);
        assert_eq!(pages(&messages, 2), [["c", "a"], ["b", "a"]]);
        assert_eq!(pages(&messages, 4), [["c", "a", "b", "a"]]);
        assert_eq!(pages(&[], 4), [[""; 0]]);
    }

    #[test]
    fn messages_with_one_id_are_not_parted() {
        let twin = || message(Some(1), "twin");
        assert_eq!(pages(&[twin(), twin(), message(Some(2), "c")], 1), [vec!["twin", "twin"], vec!["c"]]);
    }

    #[test]
    fn bad_parameters_are_named() {
        let bad = |limit, cursor: Option<&str>| {
            let query = ListQuery { limit, cursor: cursor.map(str::to_owned) };
            Listing::parse(&query).unwrap_err().into_iter().map(|error| error.pointer).collect::<Vec<_>>()
        };
        assert_eq!(bad(Some(0), None), ["limit"]);
        assert_eq!(bad(Some(101), Some("x")), ["limit", "cursor"]);
        assert_eq!(bad(None, Some("")), ["cursor"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_cursor_is_understood_or_refused(cursor in prop_oneof![any::<String>(), "[A-Za-z0-9_-]{0,40}"]) {
            if let Some((at, id)) = read_cursor(&cursor) {
                prop_assert_eq!(read_cursor(&cursor_after(at, &id)), Some((at, id)));
            } else {
                let refused = Listing::parse(&ListQuery { limit: None, cursor: Some(cursor) });
                prop_assert!(refused.is_err());
            }
        }
    }
}

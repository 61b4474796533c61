//! Pages of parked messages.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use contract::problems::FieldError;
use messaging::parking::{self, Summary};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;
/// The largest number of messages in a list. Each listed message must be taken out of the queue and put back.
/// The first messages remain the same until staff replay or discard them.
pub(crate) const MOST: usize = 1_000;

/// The query of `GET /parked`, as sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// The number of messages per page, 1 to 100. The default is 20.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<usize>,
    /// `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// A valid query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    limit: usize,
    after: Option<Position>,
}

/// A place in the list, see [`Summary::position`].
type Position = (Option<DateTime<Utc>>, String);

/// One page of parked messages.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ParkedPage {
    /// The messages, oldest first.
    pub(crate) items: Vec<Summary>,
    /// The `cursor` of the next page, or `null` on the last page.
    pub(crate) next_cursor: Option<String>,
    /// The number of all parked messages. Pages show only the first 1,000. Staff must replay or discard those
    /// first.
    #[schema(example = 1)]
    pub(crate) total: usize,
}

impl Listing {
    /// Checks a query. The errors name every invalid parameter.
    pub(crate) fn parse(query: &ListQuery) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let expected = format!("a page has 1 to {MAX_LIMIT} messages, not {limit}");
            errors.push(FieldError::new("limit", expected));
        }
        let after = query.cursor.as_deref().map(read_cursor);
        if after == Some(None) {
            let expected = "not a cursor of this list; use `next_cursor` of the previous page";
            errors.push(FieldError::new("cursor", expected));
        }
        if errors.is_empty() { Ok(Self { limit, after: after.flatten() }) } else { Err(errors) }
    }

    /// Makes a page from all found messages. Messages with the same position have the same id. They are never
    /// split between pages, so a page may exceed its limit.
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

/// Returns the cursor of the page after this position. Cursors are opaque to clients, so that the order of
/// the list may change.
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

    /// Reads all pages, and returns the ids on each page.
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
    fn messages_with_the_same_id_are_on_one_page() {
        let twin = || message(Some(1), "twin");
        assert_eq!(pages(&[twin(), twin(), message(Some(2), "c")], 1), [vec!["twin", "twin"], vec!["c"]]);
    }

    #[test]
    fn errors_name_the_invalid_parameters() {
        let bad = |limit, cursor: Option<&str>| {
            let query = ListQuery { limit, cursor: cursor.map(str::to_owned) };
            Listing::parse(&query).unwrap_err().into_iter().map(|error| error.pointer).collect::<Vec<_>>()
        };
        assert_eq!(bad(Some(0), None), ["limit"]);
        assert_eq!(bad(Some(101), Some("x")), ["limit", "cursor"]);
        assert_eq!(bad(None, Some("")), ["cursor"]);
    }

    proptest! {
        #[test]
        fn only_our_cursors_are_accepted(cursor in prop_oneof![any::<String>(), "[A-Za-z0-9_-]{0,40}"]) {
            if let Some((at, id)) = read_cursor(&cursor) {
                prop_assert_eq!(read_cursor(&cursor_after(at, &id)), Some((at, id)));
            } else {
                let refused = Listing::parse(&ListQuery { limit: None, cursor: Some(cursor) });
                prop_assert!(refused.is_err());
            }
        }
    }
}

//! The query parameters of both lists.

use chrono::{DateTime, Utc};
use contract::problems::FieldError;
use serde::Deserialize;
use utoipa::IntoParams;

const DEFAULT_LIMIT: u16 = 20;
const MAX_LIMIT: u16 = 100;

/// The query of both lists, not validated yet.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    /// The number of charges on a page, 1 to 100. The default is 20.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<u16>,
    /// `next_cursor` of the previous page.
    cursor: Option<String>,
    /// Only charges since this time. By default, all charges.
    #[param(example = "2026-01-02T03:04:05Z")]
    since: Option<DateTime<Utc>>,
}

/// A validated query. `C` is a position in the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listing<C> {
    pub(super) limit: u16,
    pub(super) after: Option<C>,
    pub(super) since: Option<DateTime<Utc>>,
}

impl<C> Listing<C> {
    /// Validates a query. The error names every invalid parameter.
    pub(super) fn parse(
        query: &ListQuery,
        read_cursor: impl Fn(&str) -> Option<C>,
    ) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            errors
                .push(FieldError::new("limit", format!("a page has 1 to {MAX_LIMIT} charges, not {limit}")));
        }
        let after = query.cursor.as_deref().map(read_cursor);
        if matches!(after, Some(None)) {
            let expected = "not a cursor of this list; give `next_cursor` of the page before";
            errors.push(FieldError::new("cursor", expected));
        }
        if errors.is_empty() {
            Ok(Self { limit, after: after.flatten(), since: query.since })
        } else {
            Err(errors)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(limit: Option<u16>, cursor: Option<&str>) -> Result<Listing<u32>, Vec<String>> {
        let query = ListQuery { limit, cursor: cursor.map(str::to_owned), since: None };
        let named = |errors: Vec<FieldError>| errors.into_iter().map(|error| error.pointer).collect();
        Listing::parse(&query, |cursor| cursor.parse().ok()).map_err(named)
    }

    #[test]
    fn a_page_has_1_to_100_charges() {
        assert_eq!(parse(None, None), Ok(Listing { limit: 20, after: None, since: None }));
        assert_eq!(parse(Some(100), Some("7")), Ok(Listing { limit: 100, after: Some(7), since: None }));
        assert_eq!(parse(Some(0), Some("seven")), Err(vec!["limit".to_owned(), "cursor".to_owned()]));
        assert_eq!(parse(Some(101), None), Err(vec!["limit".to_owned()]));
    }
}

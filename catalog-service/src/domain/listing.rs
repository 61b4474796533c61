//! The filters and the pages of the product list.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contract::{catalog::Product, folding, ids::ProductId, page::Page, problems::FieldError};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 100;
const MAX_WORDS: usize = 100;
const MAX_IDS: usize = 100;

/// The query of `GET /products`, as sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// The number of products per page, 1 to 100. The default is 20.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the previous page.
    #[param(pattern = "^[A-Za-z0-9_-]{21}[AQgw]$")]
    cursor: Option<String>,
    /// Only products of exactly this category.
    #[param(example = "Tea", max_length = 100)]
    category: Option<String>,
    /// Only products with this text in their name or description. Case and accents do not matter.
    #[param(example = "bergamot", max_length = 100)]
    q: Option<String>,
    /// Only these products, on one page: 1 to 100 ids, separated by commas. Use no other parameter with it.
    ids: Option<String>,
}

/// The products that a query asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A page of the list.
    Page(Listing),
    /// These products.
    Ids(Vec<ProductId>),
}

impl Wanted {
    /// Checks a query. The errors name every invalid parameter.
    pub(crate) fn parse(query: ListQuery) -> Result<Self, Vec<FieldError>> {
        match query {
            ListQuery { ids: Some(ids), limit: None, cursor: None, category: None, q: None } => {
                Ok(Self::Ids(parse_ids(&ids)?))
            }
            ListQuery { ids: Some(_), .. } => Err(vec![FieldError::new(
                "ids",
                "`ids` already names the products; leave out all other parameters",
            )]),
            query => Ok(Self::Page(Listing::parse(query)?)),
        }
    }
}

fn parse_ids(ids: &str) -> Result<Vec<ProductId>, Vec<FieldError>> {
    let parsed: Result<Vec<ProductId>, _> = ids.split(',').map(|id| id.trim().parse()).collect();
    match parsed {
        Ok(ids) if ids.len() <= MAX_IDS => Ok(ids),
        _ => Err(vec![FieldError::new("ids", format!("expected 1 to {MAX_IDS} ids, separated by commas"))]),
    }
}

/// A valid query for a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) limit: i64,
    pub(crate) after: Option<ProductId>,
    pub(crate) category: Option<String>,
    /// A `LIKE` pattern for the folded text.
    pub(crate) pattern: Option<String>,
}

impl Listing {
    fn parse(query: ListQuery) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let expected = format!("a page has 1 to {MAX_LIMIT} products, not {limit}");
            errors.push(FieldError::new("limit", expected));
        }
        let after = query.cursor.as_deref().and_then(|cursor| {
            let after = read_cursor(cursor);
            if after.is_none() {
                let expected = "not a cursor of this list; use `next_cursor` of the previous page";
                errors.push(FieldError::new("cursor", expected));
            }
            after
        });
        for (name, words) in [("category", &query.category), ("q", &query.q)] {
            if words.as_deref().is_some_and(|words| words.chars().count() > MAX_WORDS || has_control(words)) {
                let expected = format!("expected one line of at most {MAX_WORDS} characters");
                errors.push(FieldError::new(name, expected));
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let words = query.q.map(|words| folding::folded(&words)).filter(|words| !words.is_empty());
        let pattern = words.map(|words| containing(&words));
        Ok(Self { limit, after, category: query.category, pattern })
    }

    /// Makes a page from the found products. `found` may hold one product more than the limit, which shows
    /// that there is a next page.
    pub(crate) fn page(&self, mut found: Vec<Product>) -> Page<Product> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let is_last = found.len() <= limit;
        found.truncate(limit);
        let last = found.last().filter(|_| !is_last);
        Page { next_cursor: last.map(|last| cursor_after(last.id)), items: found }
    }
}

/// PostgreSQL cannot store NUL in text, and a search needs no other control character.
fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// Returns a `LIKE` pattern that finds these words. Their characters are never wildcards.
fn containing(words: &str) -> String {
    let escaped = words.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    format!("%{escaped}%")
}

/// Returns the cursor of the page after this product. Cursors are opaque to clients, so that the order of the
/// list may change.
fn cursor_after(last: ProductId) -> String {
    URL_SAFE_NO_PAD.encode(last.uuid())
}

fn read_cursor(cursor: &str) -> Option<ProductId> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    Uuid::from_slice(&bytes).ok().map(ProductId::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NONE: ListQuery = ListQuery { limit: None, cursor: None, category: None, q: None, ids: None };

    fn bad(query: ListQuery) -> String {
        Listing::parse(query).unwrap_err().into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn a_cursor_can_be_read_back() {
        let last = ProductId::new();
        let listing = Listing::parse(ListQuery { cursor: Some(cursor_after(last)), ..NONE }).unwrap();
        assert_eq!(listing.after, Some(last));
    }

    #[test]
    fn errors_name_an_invalid_cursor() {
        for cursor in ["", "x", "AAAA", "01900000-0000-7000-8000-000000000004", "a=b"] {
            assert_eq!(bad(ListQuery { cursor: Some(cursor.into()), ..NONE }), "cursor", "{cursor}");
        }
    }

    #[test]
    fn a_limit_is_from_1_to_100() {
        assert_eq!(Listing::parse(NONE).unwrap().limit, 20);
        for limit in [1, 100] {
            assert_eq!(Listing::parse(ListQuery { limit: Some(limit), ..NONE }).unwrap().limit, limit);
        }
        for limit in [-1, 0, 101, i64::MAX] {
            assert_eq!(bad(ListQuery { limit: Some(limit), ..NONE }), "limit", "{limit}");
        }
    }

    #[test]
    fn ids_are_1_to_100_and_the_only_parameter() {
        let [tea, cup] = [ProductId::new(), ProductId::new()];
        let asked = |ids: String, limit| Wanted::parse(ListQuery { ids: Some(ids), limit, ..NONE });
        assert_eq!(asked(format!("{tea}, {cup}"), None), Ok(Wanted::Ids(vec![tea, cup])));
        let many = [tea; 101].map(|id| id.to_string()).join(",");
        for (ids, limit) in
            [(String::new(), None), ("x".into(), None), (many, None), (tea.to_string(), Some(1))]
        {
            assert_eq!(asked(ids, limit).unwrap_err()[0].pointer, "ids");
        }
    }

    #[test]
    fn wildcards_are_escaped() {
        let listing = Listing::parse(ListQuery { q: Some(r"50%_\".into()), ..NONE }).unwrap();
        assert_eq!(listing.pattern.as_deref(), Some(r"%50\%\_\\%"));
        assert_eq!(Listing::parse(ListQuery { q: Some(String::new()), ..NONE }).unwrap().pattern, None);
    }

    #[test]
    fn words_are_one_short_line() {
        assert_eq!(bad(ListQuery { q: Some("a\0b".into()), ..NONE }), "q");
        assert_eq!(bad(ListQuery { category: Some("x".repeat(101)), ..NONE }), "category");
    }

    proptest! {
        #[test]
        fn only_our_cursors_are_accepted(cursor in prop_oneof![any::<String>(), "[A-Za-z0-9_-]{20,24}"]) {
            match Listing::parse(ListQuery { cursor: Some(cursor.clone()), ..NONE }) {
                Ok(listing) => prop_assert_eq!(cursor_after(listing.after.unwrap()), cursor),
                Err(errors) => prop_assert_eq!(&errors[0].pointer, "cursor"),
            }
        }

        #[test]
        fn any_words_are_folded_and_escaped(words in any::<String>()) {
            if let Ok(Listing { pattern: Some(pattern), .. }) = Listing::parse(ListQuery { q: Some(words.clone()), ..NONE }) {
                // Without its escapes, the pattern is the words between two wildcards.
                let inner = pattern.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).unwrap();
                let mut escaped = false;
                let plain: String = inner.chars().filter(|c| {
                    escaped = *c == '\\' && !escaped;
                    !escaped
                }).collect();
                prop_assert_eq!(plain, folding::folded(&words));
            }
        }
    }
}

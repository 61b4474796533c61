//! Pagination of lists, as in Stripe's API (<https://docs.stripe.com/api/pagination>).

use super::{error::Error, parameters::Parameters};

/// The requested part of a list.
pub(super) struct Window {
    limit: usize,
    after: Option<String>,
}

/// A part of a list.
pub(super) struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Whether there are more.
    pub has_more: bool,
}

impl Window {
    /// Reads `limit`, and the parameter `after` with the last entry of the previous page.
    pub(super) fn of(parameters: &mut Parameters, after: &str) -> Result<Self, Error> {
        let limit = match parameters.optional("limit")? {
            None => 10,
            Some(text) => text.parse().ok().filter(|limit| (1..=100).contains(limit)).ok_or_else(|| {
                Error::invalid(format!("Invalid limit: {text}. Give a number from 1 to 100."))
                    .with_code("parameter_invalid_integer")
                    .about("limit")
            })?,
        };
        Ok(Self { limit, after: parameters.optional(after)? })
    }

    /// Returns the requested part of the list `all`.
    pub(super) fn cut<T>(&self, all: impl Iterator<Item = T>, id: impl Fn(&T) -> &String) -> Page<T> {
        let mut rest = all.skip_while(|item| self.after.as_ref().is_some_and(|after| id(item) != after));
        if self.after.is_some() {
            rest.next();
        }
        let items = rest.by_ref().take(self.limit).collect();
        Page { items, has_more: rest.next().is_some() }
    }
}

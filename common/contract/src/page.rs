//! A page of a list. Lists are paged by key, not by offset. If a row is added or removed between two
//! requests, no other row is repeated or missing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The entries, in the list's order.
    pub items: Vec<T>,
    /// Give this as `cursor` to get the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

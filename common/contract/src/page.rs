//! A page of a list. Lists are paged by key, not by offset. So a row that is added or removed between two
//! requests neither repeats nor hides another row.

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

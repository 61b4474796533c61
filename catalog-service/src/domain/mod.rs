//! The catalogue's rules, without HTTP and without SQL.

pub(crate) mod listing;
pub(crate) mod product;
pub(crate) mod reservation;
pub(crate) mod warehouse;

/// A NUL cannot be stored as text by PostgreSQL, and no other control character belongs in a word
/// or a search.
fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

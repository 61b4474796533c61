//! Names that people log in with.

use contract::folding::folded;
use std::str::FromStr;

const LENGTH: std::ops::RangeInclusive<usize> = 3..=32;

/// A valid user name, as its owner wrote it. Names that differ only in case are the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Username(String);

/// The error for a text that is not a user name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user name has 3 to 32 characters: letters from a to z, digits, `.`, `_` or `-`")]
pub(crate) struct InvalidUsername;

impl Username {
    /// The name as its owner wrote it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The lower-case form for comparisons. The index in the database uses the same form.
    pub(crate) fn folded(&self) -> String {
        folded(&self.0)
    }
}

impl FromStr for Username {
    type Err = InvalidUsername;

    fn from_str(text: &str) -> Result<Self, InvalidUsername> {
        // ASCII only, because letters of other scripts look like ASCII letters. Two users could then have
        // names that look the same.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if LENGTH.contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidUsername)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_names_as_they_were_written() {
        for good in ["ada", "Ada.Lovelace", "a_b-c.9", &"x".repeat(32)] {
            assert_eq!(good.parse::<Username>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn refuses_malformed_names() {
        for bad in ["", "ab", &"x".repeat(33), "ada lovelace", "ada\n", " ada", "аda", "ada\0", "a@b.c"] {
            assert_eq!(bad.parse::<Username>(), Err(InvalidUsername), "{bad:?}");
        }
    }
}

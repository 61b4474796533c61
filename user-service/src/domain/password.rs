//! What a person proves themselves with.

use std::str::FromStr;

const MIN_CHARACTERS: usize = 8;
/// bcrypt reads no further; what follows would count for nothing.
pub(crate) const MAX_BYTES: usize = 72;

/// A password that may be set or tried. Has no `Debug`, so that none ends in a log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(String);

/// What is no password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidPassword {
    /// Guessed too soon.
    #[error("use at least 8 characters")]
    TooShort,
    /// Would be cut by bcrypt.
    #[error(
        "a password has 72 bytes at most, not {0}; letters with accents and emoji take 2 to 4 bytes each"
    )]
    TooLong(usize),
    /// Holds the character that ends a password inside bcrypt.
    #[error("a password cannot contain the character NUL")]
    Nul,
}

impl Password {
    /// What bcrypt reads.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl FromStr for Password {
    type Err = InvalidPassword;

    fn from_str(text: &str) -> Result<Self, InvalidPassword> {
        if text.chars().count() < MIN_CHARACTERS {
            Err(InvalidPassword::TooShort)
        } else if text.len() > MAX_BYTES {
            Err(InvalidPassword::TooLong(text.len()))
        } else if text.contains('\0') {
            Err(InvalidPassword::Nul)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> Option<InvalidPassword> {
        text.parse::<Password>().err()
    }

    #[test]
    fn counts_characters_from_below_and_bytes_from_above() {
        assert_eq!(error("1234567"), Some(InvalidPassword::TooShort));
        assert_eq!(error("12345678"), None);
        assert_eq!(error("ñandúñan"), None);
        assert_eq!(error(&"x".repeat(72)), None);
        assert_eq!(error(&"x".repeat(73)), Some(InvalidPassword::TooLong(73)));
        assert_eq!(error(&"ñ".repeat(37)), Some(InvalidPassword::TooLong(74)));
    }

    #[test]
    fn refuses_nul() {
        assert_eq!(error("hunter2\0hunter2"), Some(InvalidPassword::Nul));
    }
}

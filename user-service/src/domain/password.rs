//! Passwords of users.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{EnumeratedProperty as _, GeneralCategory};
use std::str::FromStr;

const MIN_CHARACTERS: usize = 8;
/// bcrypt ignores all bytes after these.
pub(crate) const MAX_BYTES: usize = 72;

/// A password that may be set or tried. It has no `Debug`, so that no password gets into a log.
///
/// It is mapped and normalised like an `OpaqueString` of RFC 8265. Some keyboards send é as one character,
/// and others send two. Characters that the RFC forbids are accepted, because existing passwords may contain
/// them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(String);

/// Why a text cannot be a password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidPassword {
    /// Easy to guess.
    #[error("use at least 8 characters")]
    TooShort,
    /// Longer than bcrypt reads.
    #[error(
        "a password has 72 bytes at most, not {0}; letters with accents and emoji take 2 to 4 bytes each"
    )]
    TooLong(usize),
    /// Contains NUL, which ends a password inside bcrypt.
    #[error("a password cannot contain the character NUL")]
    Nul,
}

impl Password {
    /// The bytes for bcrypt.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The passwords to try for a typed text. Older releases hashed a password as it was typed, and those
    /// hashes remain valid. A text that is already in prepared form has only one candidate.
    pub(crate) fn candidates(typed: &str) -> Vec<Self> {
        let prepared = prepared(typed);
        let unprepared = (prepared != typed).then(|| typed.to_owned());
        [Some(prepared), unprepared].into_iter().flatten().filter_map(|text| checked(text).ok()).collect()
    }
}

impl FromStr for Password {
    type Err = InvalidPassword;

    fn from_str(text: &str) -> Result<Self, InvalidPassword> {
        checked(prepared(text))
    }
}

/// Applies RFC 8265, 4.2.2: all spaces become U+0020, and the text gets normalisation form C. The case does
/// not change.
fn prepared(text: &str) -> String {
    let is_space = |c| GeneralCategory::for_char(c) == GeneralCategory::SpaceSeparator;
    let spaced: String = text.chars().map(|c| if is_space(c) { ' ' } else { c }).collect();
    ComposingNormalizerBorrowed::new_nfc().normalize(&spaced).into_owned()
}

fn checked(text: String) -> Result<Password, InvalidPassword> {
    if text.chars().count() < MIN_CHARACTERS {
        Err(InvalidPassword::TooShort)
    } else if text.len() > MAX_BYTES {
        Err(InvalidPassword::TooLong(text.len()))
    } else if text.contains('\0') {
        Err(InvalidPassword::Nul)
    } else {
        Ok(Password(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> Option<InvalidPassword> {
        text.parse::<Password>().err()
    }

    #[test]
    fn the_minimum_counts_characters_and_the_maximum_counts_bytes() {
        assert_eq!(error("1234567"), Some(InvalidPassword::TooShort));
        assert_eq!(error("12345678"), None);
        assert_eq!(error("ñandúñan"), None);
        assert_eq!(error(&"x".repeat(72)), None);
        assert_eq!(error(&"x".repeat(73)), Some(InvalidPassword::TooLong(73)));
        assert_eq!(error(&"ñ".repeat(37)), Some(InvalidPassword::TooLong(74)));
    }

    fn bytes(text: &str) -> Vec<u8> {
        text.parse::<Password>().ok().unwrap().as_bytes().to_vec()
    }

    #[test]
    fn is_the_same_in_every_normalisation_form_and_with_every_space() {
        assert_eq!(bytes("cafe\u{301} au lait"), "café au lait".as_bytes());
        for space in ['\u{a0}', '\u{2003}', '\u{202f}', '\u{3000}'] {
            assert_eq!(bytes(&format!("café{space}au lait")), "café au lait".as_bytes());
        }
        for (one, other) in [
            ("Café au lait", "café au lait"),
            ("ｃafé au lait", "café au lait"),
            (" café au lait", "café au lait"),
        ] {
            assert_ne!(bytes(one), bytes(other), "{one}");
        }
    }

    #[test]
    fn the_prepared_text_must_have_a_valid_length() {
        assert_eq!(error(&"e\u{301}".repeat(7)), Some(InvalidPassword::TooShort));
        assert_eq!(error(&"e\u{301}".repeat(36)), None);
        assert_eq!(error(&"e\u{301}".repeat(37)), Some(InvalidPassword::TooLong(74)));
        // Normalisation turns this character into two of three bytes each.
        assert_eq!(error(&"\u{958}".repeat(13)), Some(InvalidPassword::TooLong(78)));
    }

    #[test]
    fn an_unprepared_text_has_a_second_candidate() {
        let candidates = |typed: &str| {
            let all = Password::candidates(typed);
            all.iter()
                .map(|password| String::from_utf8(password.as_bytes().to_vec()).unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(candidates("café au lait"), ["café au lait"]);
        assert_eq!(candidates("cafe\u{301} au lait"), ["café au lait", "cafe\u{301} au lait"]);
        // An older release accepted these passwords. They can be tried but no longer set.
        assert_eq!(candidates(&"\u{958}".repeat(13)), ["\u{958}".repeat(13)]);
        assert_eq!(candidates(&"e\u{301}".repeat(7)), ["e\u{301}".repeat(7)]);
        for none in ["short", "nul\0 nul nul", &"x".repeat(73)] {
            assert_eq!(candidates(none), [""; 0]);
        }
    }

    #[test]
    fn refuses_nul() {
        assert_eq!(error("hunter2\0hunter2"), Some(InvalidPassword::Nul));
    }
}

//! What a person proves themselves with.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{EnumeratedProperty as _, GeneralCategory};
use std::str::FromStr;

const MIN_CHARACTERS: usize = 8;
/// bcrypt reads no further; what follows would count for nothing.
pub(crate) const MAX_BYTES: usize = 72;

/// A password that may be set or tried. Has no `Debug`, so that none ends in a log.
///
/// It is compared as RFC 8265 tells for an `OpaqueString`. One keyboard sends é as one character, and another one as two.
/// The rules for mapping and normalisation are followed. Characters that the RFC does not allow are accepted, because
/// accounts may have them in their passwords.
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

    /// The passwords that a person may mean by this text. Releases before this rule hashed a password as it was typed,
    /// and those hashes stay good. A text in prepared form has one candidate.
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

/// RFC 8265, 4.2.2: other spaces become U+0020, and the text is in normalisation form C. Its case stays.
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
    fn counts_characters_from_below_and_bytes_from_above() {
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
    fn lengths_are_those_of_the_prepared_text() {
        assert_eq!(error(&"e\u{301}".repeat(7)), Some(InvalidPassword::TooShort));
        assert_eq!(error(&"e\u{301}".repeat(36)), None);
        assert_eq!(error(&"e\u{301}".repeat(37)), Some(InvalidPassword::TooLong(74)));
        // One character that becomes two, of three bytes each.
        assert_eq!(error(&"\u{958}".repeat(13)), Some(InvalidPassword::TooLong(78)));
    }

    #[test]
    fn a_second_candidate_is_there_only_if_the_text_was_typed_another_way() {
        let candidates = |typed: &str| {
            let all = Password::candidates(typed);
            all.iter()
                .map(|password| String::from_utf8(password.as_bytes().to_vec()).unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(candidates("café au lait"), ["café au lait"]);
        assert_eq!(candidates("cafe\u{301} au lait"), ["café au lait", "cafe\u{301} au lait"]);
        // As an older release took it, and as no password can be set any more.
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

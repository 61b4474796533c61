//! Text that one person writes and another one reads, such as names, addresses and notes.
//!
//! It is kept in Unicode's normalisation form C. Invisible characters are refused. A name made of them looks
//! empty or looks like another name. Some of them change the direction of other text (Unicode Technical
//! Report 36, UAX #9).

use crate::problems::FieldError;
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{
    BinaryProperty as _, CanonicalCombiningClass, DefaultIgnorableCodePoint, EmojiModifier,
    EnumeratedProperty as _, ExtendedPictographic, GeneralCategory, JoiningType, PrependedConcatenationMark,
    VariationSelector, WhiteSpace,
};

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// Symbols that look like a space. They belong to Braille, musical notation and Egyptian hieroglyphs.
const BLANKS: [char; 4] = ['\u{2800}', '\u{1d159}', '\u{13441}', '\u{13442}'];

/// Checks a text of one line that must not be empty. `name` is its name in the error message, and `max` is
/// the largest number of characters. Returns the text without space at its ends.
pub fn line(pointer: impl Into<String>, name: &str, text: &str, max: usize) -> Result<String, FieldError> {
    let text = normalized(text);
    let detail = if let Some(c) = text.char_indices().find_map(|(at, c)| hidden(&text, at, c)) {
        hidden_detail(name, c)
    } else if text.is_empty() || text.chars().count() > max {
        format!("enter a {name} (up to {max} characters)")
    } else if !text.contains(is_visible) {
        format!("the {name} has no character that can be seen; enter a {name} (up to {max} characters)")
    } else {
        return Ok(text);
    };
    Err(FieldError::new(pointer, detail))
}

/// Checks a text that may have several lines and may be empty. Otherwise it works like [`line`].
pub fn lines(pointer: impl Into<String>, name: &str, text: &str, max: usize) -> Result<String, FieldError> {
    let is_given = !text.is_empty();
    let text = normalized(text);
    let is_hidden = |(at, c)| hidden(&text, at, c).filter(|c| !matches!(c, '\n' | '\r' | '\t'));
    let count = text.chars().count();
    let detail = if let Some(c) = text.char_indices().find_map(is_hidden) {
        hidden_detail(name, c)
    } else if count > max {
        format!("the {name} has {count} characters, but at most {max} are allowed; shorten it")
    } else if is_given && !text.contains(is_visible) {
        format!("the {name} has no character that can be seen; write something or leave it out")
    } else {
        return Ok(text);
    };
    Err(FieldError::new(pointer, detail))
}

fn normalized(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(text.trim()).into_owned()
}

fn hidden_detail(name: &str, c: char) -> String {
    let code = u32::from(c);
    match c {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
            format!("the {name} contains a line break (U+{code:04X}); remove it")
        }
        _ => format!("the {name} contains a character that cannot be seen (U+{code:04X}); remove it"),
    }
}

/// Returns the character `c` if it is invisible or changes the direction of other text. `at` is the byte of
/// `text` at which `c` begins. Some scripts and emoji need joiners and variation selectors. In such a place
/// these characters are not returned.
#[must_use]
pub fn hidden(text: &str, at: usize, c: char) -> Option<char> {
    let before = text.get(..at).unwrap_or_default();
    let is_hidden = match c {
        ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER => !is_joinable(before),
        // A variation selector chooses the form of the character before it.
        _ if VariationSelector::for_char(c) => !before.ends_with(is_visible),
        _ => is_unseen(c),
    };
    is_hidden.then_some(c)
}

/// Whether a character is invisible. Control characters, line separators and format characters are invisible.
/// So are the characters that Unicode ignores by default.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    match GeneralCategory::for_char(c) {
        GeneralCategory::Control | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => {
            true
        }
        // Some Arabic signs count as format characters, but are visible.
        GeneralCategory::Format => !PrependedConcatenationMark::for_char(c),
        _ => DefaultIgnorableCodePoint::for_char(c),
    }
}

/// Whether a joiner has a meaning after this text. It has one in these cases:
///
/// - after a letter of a script whose letters join, such as Arabic (RFC 5892, A.1)
/// - after a virama of an Indic script (RFC 5892, A.1 and A.2)
/// - after an emoji (UTS #51)
fn is_joinable(before: &str) -> bool {
    let is_virama = |c| CanonicalCombiningClass::for_char(c) == CanonicalCombiningClass::Virama;
    let is_added = |c| {
        EmojiModifier::for_char(c)
            || (GeneralCategory::for_char(c) == GeneralCategory::NonspacingMark && !is_virama(c))
    };
    let base = before.trim_end_matches(is_added).chars().next_back();
    base.is_some_and(|c| {
        let joins = matches!(
            JoiningType::for_char(c),
            JoiningType::DualJoining | JoiningType::RightJoining | JoiningType::LeftJoining
        );
        joins || is_virama(c) || ExtendedPictographic::for_char(c)
    })
}

fn is_visible(c: char) -> bool {
    !(is_unseen(c) || WhiteSpace::for_char(c) || BLANKS.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Result<String, String> {
        line("/name", "name", text, 200).map_err(|error| error.detail)
    }

    fn note(text: &str) -> Result<String, String> {
        lines("/note", "note", text, 500).map_err(|error| error.detail)
    }

    #[test]
    fn an_invisible_character_is_named() {
        for (c, code) in [
            ('\u{200b}', "U+200B"),
            ('\u{3164}', "U+3164"),
            ('\u{ffa0}', "U+FFA0"),
            ('\u{115f}', "U+115F"),
            ('\u{1160}', "U+1160"),
            ('\u{2060}', "U+2060"),
            ('\u{feff}', "U+FEFF"),
            ('\u{ad}', "U+00AD"),
            ('\u{180e}', "U+180E"),
            ('\u{34f}', "U+034F"),
            ('\u{61c}', "U+061C"),
            ('\u{200e}', "U+200E"),
            ('\u{200f}', "U+200F"),
            ('\u{202a}', "U+202A"),
            ('\u{202b}', "U+202B"),
            ('\u{202c}', "U+202C"),
            ('\u{202d}', "U+202D"),
            ('\u{202e}', "U+202E"),
            ('\u{2066}', "U+2066"),
            ('\u{2067}', "U+2067"),
            ('\u{2068}', "U+2068"),
            ('\u{2069}', "U+2069"),
            ('\u{200c}', "U+200C"),
            ('\u{200d}', "U+200D"),
            ('\u{fe0f}', "U+FE0F"),
            ('\u{e0041}', "U+E0041"),
            ('\0', "U+0000"),
            ('\u{1b}', "U+001B"),
            ('\u{7f}', "U+007F"),
            ('\u{9b}', "U+009B"),
        ] {
            let sentence =
                |name| format!("the {name} contains a character that cannot be seen ({code}); remove it");
            for text in [c.to_string(), format!("{c}Tea"), format!(" {c} ")] {
                assert_eq!(name(&text), Err(sentence("name")), "{code}");
                assert_eq!(note(&text), Err(sentence("note")), "{code}");
            }
        }
    }

    #[test]
    fn text_without_a_visible_character_is_refused() {
        let nothing = "enter a name (up to 200 characters)";
        for text in ["", " ", "\t\n", "\u{a0}", "\u{3000}", "\u{2003}\u{202f}", "\u{1680}"] {
            assert_eq!(name(text), Err(nothing.to_owned()), "{text:?}");
        }
        for text in ["\u{2800}", "\u{2800} \u{2800}", "\u{1d159}"] {
            assert_eq!(
                name(text),
                Err(format!("the name has no character that can be seen; {nothing}")),
                "{text:?}"
            );
        }
        for text in [" ", "\n", "\u{3000}", "\u{2800}"] {
            let sentence = "the note has no character that can be seen; write something or leave it out";
            assert_eq!(note(text), Err(sentence.to_owned()), "{text:?}");
        }
        assert_eq!(note(""), Ok(String::new()));
    }

    #[test]
    fn a_note_may_have_line_breaks_but_a_line_may_not() {
        for (c, code) in [('\n', "U+000A"), ('\r', "U+000D"), ('\u{2028}', "U+2028"), ('\u{2029}', "U+2029")]
        {
            let sentence = format!("the name contains a line break ({code}); remove it");
            assert_eq!(name(&format!("a{c}b")), Err(sentence), "{code}");
        }
        assert_eq!(note("a\r\n\tb\n"), Ok("a\r\n\tb".to_owned()));
        assert!(note("a\u{2028}b").unwrap_err().contains("U+2028"));
    }

    #[test]
    fn joiners_and_variation_selectors_are_accepted_where_scripts_and_emoji_need_them() {
        for good in [
            "می\u{200c}خواهم",
            "ශ\u{dca}\u{200d}රී",
            "ക\u{d4d}\u{200d}",
            "क\u{94d}\u{200c}ष",
            "👩\u{200d}💻",
            "👩🏽\u{200d}🚀",
            "❤\u{fe0f}\u{200d}🔥",
            "🏳\u{fe0f}\u{200d}🌈",
            "1\u{fe0f}\u{20e3}",
            "葛\u{e0100}城市",
            "\u{600}١",
        ] {
            assert_eq!(name(good), Ok(good.to_owned()), "{good}");
        }
        for bad in ["te\u{200d}a", "te\u{200c}a", "👩\u{200d}\u{200d}💻", "a\u{fe0f}\u{fe0f}", "é\u{200d}"]
        {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn text_of_every_script_is_kept() {
        for good in ["Earl Grey", "緑茶　宇治", "شاي أخضر", "ชาเขียว", "चाय", "녹차", "Thé\u{a0}vert", "⠞⠑⠁⠀⠞"]
        {
            assert_eq!(name(good), Ok(good.to_owned()));
        }
    }

    #[test]
    fn text_is_kept_in_form_c_and_without_space_at_its_ends() {
        assert_eq!(name(" the\u{301} "), Ok("thé".to_owned()));
        assert_eq!(note("\nthe\u{301}\n"), Ok("thé".to_owned()));
    }

    #[test]
    fn lengths_count_characters_in_form_c() {
        assert!(name(&"e\u{301}".repeat(200)).is_ok());
        assert_eq!(name(&"é".repeat(201)), Err("enter a name (up to 200 characters)".to_owned()));
        assert!(note(&"é".repeat(500)).is_ok());
        assert_eq!(
            note(&"é".repeat(501)),
            Err("the note has 501 characters, but at most 500 are allowed; shorten it".to_owned())
        );
    }

    proptest! {
        #[test]
        fn accepted_text_is_accepted_again_unchanged(text in any::<String>()) {
            if let Ok(first) = name(&text) {
                prop_assert_eq!(name(&first), Ok(first));
            }
        }
    }
}

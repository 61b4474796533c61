//! Folds text, so that a comparison ignores case and accents. The result does not depend on a locale.

use icu_casemap::CaseMapperBorrowed;
use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::props::{
    BinaryProperty as _, CanonicalCombiningClass, DefaultIgnorableCodePoint, EnumeratedProperty as _,
    GeneralCategory, Script,
};

/// Folds text for a comparison or a search. For example, `THÉ`, `thé` (in any normalisation form) and `the`
/// become the same text. So do `ß` and `SS`.
///
/// The rules are Unicode's own: compatibility decomposition (UAX #15), then full case folding (Unicode
/// Standard, 3.13). The database must not fold, because `lower()` and `ILIKE` depend on its locale.
#[must_use]
pub fn folded(text: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let bare: String = decomposed.chars().filter(|c| !is_accent(*c)).collect();
    CaseMapperBorrowed::new().fold_string(&bare).into_owned()
}

/// Whether the character is a mark that many scripts share, or an invisible character. Marks of a single
/// script are not accents. In Hindi and Thai they are vowels, and in Japanese they change the consonant.
fn is_accent(c: char) -> bool {
    let is_shared_mark = GeneralCategory::for_char(c) == GeneralCategory::NonspacingMark
        && Script::for_char(c) == Script::Inherited
        && CanonicalCombiningClass::for_char(c) != CanonicalCombiningClass::KanaVoicing;
    is_shared_mark || DefaultIgnorableCodePoint::for_char(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_and_accents_make_no_difference() {
        for (one, other) in [
            ("THÉ VERT", "thé vert"),
            ("Thé vert", "the vert"),
            ("Ölmühle", "ölmühle"),
            ("ÖL", "ol"),
            ("ЧАЙ", "чай"),
            ("Ñandú", "ÑANDÚ"),
            ("ñandú", "nandu"),
            ("ΣΟΦΟΣ", "σοφος"),
            ("σοφος", "σοφοσ"),
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("IRIS", "iris"),
            ("İRİS", "iris"),
            ("Ａｓｓａｍ", "assam"),
            ("ﬁg", "FIG"),
            ("مُحَمَّد", "محمد"),
            ("Phở", "PHO"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
    }

    #[test]
    fn the_normalisation_form_makes_no_difference() {
        for (composed, decomposed) in [
            ("th\u{e9}", "the\u{301}"),
            ("\u{f1}and\u{fa}", "n\u{303}andu\u{301}"),
            ("ча\u{439}", "чаи\u{306}"),
            ("\u{304c}", "\u{304b}\u{3099}"),
            ("\u{ac01}", "\u{1100}\u{1161}\u{11a8}"),
        ] {
            assert_eq!(folded(composed), folded(decomposed), "{composed}");
        }
    }

    #[test]
    fn invisible_characters_make_no_difference() {
        assert_eq!(folded("tea\u{200b}\u{ad}pot\u{fe0f}"), "teapot");
    }

    #[test]
    fn different_letters_stay_different() {
        for (one, other) in [("कि", "कु"), ("กา", "กี"), ("が", "か"), ("ı", "i"), ("茶", "葉")]
        {
            assert_ne!(folded(one), folded(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            prop_assert_eq!(folded(&folded(&text)), folded(&text));
        }

        #[test]
        fn ascii_is_folded_as_the_database_folds_it(text in "[ -~]*") {
            prop_assert_eq!(folded(&text), text.to_ascii_lowercase());
        }
    }
}
